"""Small edits of a prompt: what paraphrase, formatting and evasion do to it without a change of meaning."""

from __future__ import annotations

import re
from collections.abc import Callable

_SYNONYMS = {
    "summarize": "summarise",
    "question": "questions",
    "answer": "answers",
    "paragraph": "passage",
    "passage": "paragraph",
    "generate": "create",
    "write": "compose",
    "choose": "select",
    "options": "choices",
    "given": "provided",
    "following": "below",
    "identify": "determine",
}
_LOOKALIKES = str.maketrans("aeopcxyi", "аеорсхуі")


def _swap(prompt: str) -> str:
    pattern = r"\b(" + "|".join(_SYNONYMS) + r")\b"
    return re.sub(pattern, lambda found: _SYNONYMS[found[1].lower()], prompt, flags=re.IGNORECASE)


def _wide(prompt: str) -> str:
    return "".join(chr(ord(c) + 0xFEE0) if c.isalnum() and c.isascii() else c for c in prompt)


EDITS: dict[str, Callable[[str], str]] = {
    "upper case": str.upper,
    "spaces doubled": lambda prompt: prompt.replace(" ", "  "),
    "line breaks doubled": lambda prompt: prompt.replace("\n", "\n\n"),
    "Windows line breaks": lambda prompt: prompt.replace("\n", "\r\n"),
    "zero-width spaces inside words": lambda prompt: re.sub(r"(?<=\w)(?=\w)", "\u200b", prompt),
    "Cyrillic look-alikes": lambda prompt: prompt.translate(_LOOKALIKES),
    "full-width letters": _wide,
    "typographic quotes": lambda prompt: re.sub(r'(?<!\w)"(?=\S)', "“", prompt).replace('"', "”"),
    "accents": lambda prompt: prompt.replace("e", "é").replace("a", "à"),
    "bold instruction": lambda prompt: re.sub(r"^(.*)", r"**\1**", prompt, count=1),
    "numbered first line": lambda prompt: "1. " + prompt,
    "heading": lambda prompt: "### " + prompt,
    "«please» in front": lambda prompt: "Please " + prompt,
    "articles left out": lambda prompt: re.sub(r"\b(the|a|an) ", "", prompt, flags=re.IGNORECASE),
    "synonyms": _swap,
    "«Thanks!» after it": lambda prompt: prompt.rstrip() + "\nThanks!",
    "a random tag after it": lambda prompt: prompt.rstrip() + "\n[id 83c1-77]",
    "sentence marks left out": lambda prompt: re.sub(r"[.?!,;](?=\s|$)", "", prompt),
}
