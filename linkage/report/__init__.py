"""The page of a run: one self-contained HTML file that opens offline and runs no script."""

from linkage.report.content import Content, Explain, gather
from linkage.report.page import render, write_page

__all__ = ["Content", "Explain", "gather", "render", "write_page"]
