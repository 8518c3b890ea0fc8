"""Account linkage for providers of AI APIs: rings of fake accounts, with the reason for each link in bits."""

__version__ = "0.1.0"
