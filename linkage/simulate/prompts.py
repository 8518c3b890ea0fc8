"""Prompts as text: a small grammar that gives every template, wording and question its own words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from linkage.simulate import phrases
from linkage.simulate.content import FIELD_SHIFT, Form, Prompts
from linkage.simulate.randomness import Hashes, Ints, below, mix

if TYPE_CHECKING:
    import pyarrow as pa


LOOSE = 64
"""Number of the first variant that is a paraphrase rather than another choice of words."""


def prompt_texts(prompts: Prompts) -> pa.Array:
    """Returns the text of each prompt, 5 to about 500 characters."""
    import pyarrow as pa

    order = np.argsort(prompts.form, kind="stable")
    forms = prompts.form[order]
    parts = []
    for form in Form:
        rows = order[np.searchsorted(forms, form) : np.searchsorted(forms, form, side="right")]
        parts.append(_WRITERS[form](prompts.take(rows)))
    back = np.empty(len(order), dtype=np.int64)
    back[order] = np.arange(len(order))
    return pa.concat_arrays(parts).take(pa.array(back))


def _chats(p: Prompts) -> pa.Array:
    opener = _pick(phrases.OPENERS, below(mix(p.variant, "opener"), len(phrases.OPENERS)))
    detailed = below(mix(p.variant, "detail"), 3) > 0
    detail = np.where(detailed, below(mix(p.question, "detail"), len(phrases.DETAILS)) + 1, 0)
    return _joined([opener, *_question(p.question), _pick(("", *phrases.DETAILS), detail, " ")])


def _templates(p: Prompts) -> pa.Array:
    """A template fixes what is said, the variant which synonym says it.

    From `LOOSE` variants on it is paraphrase: the rules change places, and some are left out.
    """
    frame, worded = p.template, mix(p.template, p.variant)
    plain = p.variant == 0
    loose = p.variant >= LOOSE
    swapped = loose & (below(mix(worded, "swap"), 2) == 1)
    rules = [below(mix(frame, salt), len(phrases.CONSTRAINTS)) + 1 for salt in ("constraint", "second")]
    first, second = np.where(swapped, rules[1], rules[0]), np.where(swapped, rules[0], rules[1])
    kept = ~loose | (below(mix(worded, "drop"), 3) > 0)
    manner = np.where(loose & (below(mix(worded, "voice"), 2) == 1), worded, frame)
    pieces = [
        _pick(phrases.LEADS, _synonym(frame, worded, plain, "lead", len(phrases.LEADS)), "", " "),
        _chosen(phrases.ADJECTIVES, manner, "adjective", " "),
        _chosen(phrases.ROLES, frame, "role", ". "),
        _worded(phrases.VERBS, frame, worded, plain, "verb", "Your task: ", " "),
        _chosen(phrases.OBJECTS, frame, "object", " "),
        _worded(phrases.MANNERS, frame, worded, plain, "manner", "", ". "),
        _pick(("", *phrases.CONSTRAINTS), first, "", " "),
        _pick(("", *phrases.CONSTRAINTS), np.where(kept, second, 0), "", " "),
        _chosen(phrases.FORMATS, frame, "format", "\n"),
        _chosen(phrases.LABELS, frame, "label", ": "),
    ]
    return _joined([*pieces, *_question(p.question)])


def _publics(p: Prompts) -> pa.Array:
    """The first public prompts are short and known to all; the rest are role prompts from public lists."""
    number = p.template.astype(np.int64)
    known = len(phrases.POPULAR)
    roles = [
        f"I want you to act as a {phrases.ADJECTIVES[n % 12]} {phrases.ROLES[n % 40]}. "
        f"{phrases.CONSTRAINTS[n % 30]} My first request is about {phrases.SUBJECTS[n % 16][n % 8]}."
        for n in range(max(0, int(number.max(initial=0)) + 1 - known))
    ]
    return _pick((*phrases.POPULAR, *roles), number)


def _benchmarks(p: Prompts) -> pa.Array:
    frames = [
        f"The following are multiple choice questions (with answers) about {phrases.SUBJECTS[n][0]}.\n"
        for n in range(16)
    ]
    return _joined([_pick(tuple(frames), p.template.astype(np.int64)), *_question(p.question)])


_WRITERS = {Form.CHAT: _chats, Form.TEMPLATE: _templates, Form.PUBLIC: _publics, Form.BENCHMARK: _benchmarks}


def _question(question: Hashes) -> list[pa.Array]:
    """A question asks about two things of its field under a condition; its number makes it rare."""
    field = (question >> FIELD_SHIFT).astype(np.int64)
    width = max(len(subject) for subject in phrases.SUBJECTS)
    table = tuple(subject[n % len(subject)] for subject in phrases.SUBJECTS for n in range(width))
    numbers = tuple(f", in case {n}? " for n in range(5000))
    return [
        _chosen(phrases.ASKS, question, "ask", " "),
        _pick(table, field * width + below(mix(question, "first"), width)),
        _pick(table, field * width + below(mix(question, "other"), width), " and "),
        _pick(phrases.CONDITIONS, below(mix(question, "condition"), len(phrases.CONDITIONS)), " "),
        _pick(numbers, below(mix(question, "number"), len(numbers))),
    ]


def _chosen(words: tuple[str, ...], key: Hashes, salt: str, after: str) -> pa.Array:
    return _pick(words, below(mix(key, salt), len(words)), "", after)


def _synonym(frame: Hashes, worded: Hashes, plain: Any, salt: str, ways: int) -> Ints:
    return below(np.where(plain, mix(frame, salt, "way"), mix(worded, salt, "way")), ways)


def _worded(
    meanings: tuple[tuple[str, ...], ...],
    frame: Hashes,
    worded: Hashes,
    plain: Any,
    salt: str,
    before: str,
    after: str,
) -> pa.Array:
    """Picks a meaning by the template and one of its four wordings by the variant."""
    flat = tuple(way for meaning in meanings for way in meaning)
    row = below(mix(frame, salt), len(meanings))
    return _pick(flat, row * 4 + _synonym(frame, worded, plain, salt, 4), before, after)


def _pick(words: tuple[str, ...], numbers: Ints, before: str = "", after: str = "") -> pa.Array:
    import pyarrow as pa

    vocabulary = pa.array([f"{before}{word}{after}" if word else "" for word in words], type=pa.string())
    return vocabulary.take(pa.array(numbers.astype(np.int32)))


def _joined(pieces: list[pa.Array]) -> pa.Array:
    import pyarrow.compute as pc

    return pc.binary_join_element_wise(*pieces, "")
