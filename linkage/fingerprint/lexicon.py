"""The words that templates are made of: what instructions say, as opposed to what is put into their slots.

Four classes. `CORE`: words about texts, questions and what to do with them, which hold a template together.
`SOFT`: the same, but common in any prose. `FUNCTION`: grammar. All else is unknown: what a slot holds.
Written by hand for English; a prompt in another language has no known words and is judged by its form alone.
"""

from __future__ import annotations

import functools
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

UNKNOWN, FUNCTION, SOFT, CORE, MASK, NUMBER = range(6)

FUNCTION_WORDS = """
a about above across after again against all also always am among an and another any are aren as at be because
been before being between both but by can cannot could couldn d did didn do does doesn doing don done down
during each either else ever every few first for four from had has hasn have haven having he her here his how i
if in into is isn it its just kindly last least less let lets ll m many may me might mine more most much my neither
never next no nor not now of off often on one only onto or other our out over own per please re s same second
several shall she should shouldn so some still such t than that the their them then there these they third this
those three through to too two under until up upon us ve very via was wasn we were what when where whether which
while who whom whose why will with within without won would wouldn yes yet you your yours
"""

SOFT_WORDS = """
act actor actors author available b background bad begin beginning better book c called cause certain change
character characters clear clearly complete current customer definitely different director e easily easy email
end ending english enough entire event events exactly example examples expert f fact facts false feel feeling
film final french general genre german good happen happens help high human important kind kinds know knowing
known language letter letters like likely line lines long look looks low main make makes maybe movie multiple
must n name named names need needs news newspaper none number numbers part parts people person play plot poem
position positions possible present problem process product professional put q report result results right role
said say says section show shows simple simply single situation someone song spanish specific star stars start
state step steps stories story student students teacher tell test tests think thought together true type types
use used using value values want wants whole worse wrong
"""

CORE_WORDS = """
abstract according accurate affect agree analyse analysis analyze answer answered answers appear appears
appropriate argument arguments article articles ask asked asking asks assess assistant assume assuming avoid
based belong belongs below best blank blog brief calculate calculation categories category chat choice choices
choose chosen claim claims class classification classified classify code column columns combine compare
comparison completion compose compute concept concepts concerning concise conclusion consider considering
constraint constraints construct contain contained contains content context continue contrast conversation
convert convey conveyed conveys correct correctly create creates csv debug decide define definition describe
describes describing description detail detailed details determine dialog dialogue differ difference disagree
discuss document documents dr draft duplicate duplicates edit effect ensure entail entailment entails entities
entity equation equivalent essay evaluate evaluation evidence exercise explain explains explanation explanations
express expressed expresses extract extraction extracts fill find fix follow followed following follows form
format formatted formed function generate generated generates generating give given gives giving guideline
guidelines headline helpful hint hints html hypothesis idea ideas identify ignore ignoring imagine implement
implementation improve include includes including incorrect infer inference information input instruction
instructions irrelevant java javascript json judge justification justify key keyword keywords label labels list
listed lists markdown math mean meaning means meant mention mentioned method missing negative neutral note notes
notice object opinion option options order ordering original outline output outputs paragraph paragraphs
parameter parameters paraphrase paraphrased paraphrasing passage passages persona phrase phrases pick plausible
point points positive post predict prediction premise presented pretend procedure produce program prompt propose
proposed provide provided provides puzzle python queries query question questions rate rated rating read reading
reason reasonable reasoning reasons recap recipe recommend recommendation refer referred refers regarding
related relates relation relationship relevant remember replace replies reply requirement requirements respond
response responses return returns review reviews rewrite row rows rule rules satisfied scale scenario score
scored scores script sections select selected selection sentence sentences sentiment separate separated short
shorter similar solution solve source speaker speakers sql statement statements subject suggest suggested
suggestion suitable summaries summarise summarised summarization summarize summarized summary support supported
supports suppose supposed system table target task tasks text texts title titles tl tldr topic topics transform
translate translated translation unanswerable useful user variable variables word words write writes writing
written xml yourself
"""

DROPPED_WORDS = "a also an just kindly now please the very"
"""Left out of every skeleton: what is put in or taken out without a change of meaning."""

SYNONYMS = """
answer answered answers
article articles
category categories
choose chosen pick select selected
concept concepts
convey conveyed conveys
correct correctly
describe describes describing description
determine decide find identify
document documents
example examples
explain explains explanation explanations
express expressed expresses
fact facts
following below followed follows
generate create creates generated generates generating produce
give given gives giving provide provided provides
instruction instructions
keyword keywords
option choice choices options
passage paragraph paragraphs passages
question questions
rating rate rated
reply respond response responses
review reviews
sentence sentences
summary recap summaries summarise summarised summarization summarize summarized
task tasks
text texts
title headline titles
topic topics
translate translated translation
word words
write compose writes writing written
"""
"""One line for each word: it stands in skeletons for all that follow it."""

_BASIS = 0xCBF29CE484222325  # FNV-1a, 64 bits: Fowler, Noll and Vo; draft-eastlake-fnv
_PRIME = 0x100000001B3
_SLOTS = 2048


class Lexicon(NamedTuple):
    """The lexicon as an open-addressed hash table for compiled loops.

    Slot `s` holds the word of hash `hashes[s]` (0: empty), its class, whether it is dropped, and its text in
    skeletons, `text[starts[s]:ends[s]]` in ASCII.
    """

    hashes: npt.NDArray[np.uint64]
    classes: npt.NDArray[np.uint8]
    dropped: npt.NDArray[np.bool_]
    starts: npt.NDArray[np.int32]
    ends: npt.NDArray[np.int32]
    text: npt.NDArray[np.uint8]


def word_classes() -> dict[str, int]:
    """Returns the class of each known word; the stronger class wins where a word is in two lists."""
    return (
        dict.fromkeys(FUNCTION_WORDS.split(), FUNCTION)
        | dict.fromkeys(SOFT_WORDS.split(), SOFT)
        | dict.fromkeys(CORE_WORDS.split(), CORE)
    )


def stems() -> dict[str, str]:
    """Returns what stands in skeletons for each word that has a synonym or another form."""
    return {word: line.split()[0] for line in SYNONYMS.strip().splitlines() for word in line.split()}


def word_hash(word: str) -> int:
    """Returns FNV-1a of the characters, each taken as one number of 16 bits."""
    value = _BASIS
    for character in word:
        value = (value ^ ord(character)) * _PRIME % (1 << 64)
    return value


@functools.cache
def lexicon() -> Lexicon:
    """Returns the table, made at the first call."""
    made = Lexicon(
        np.zeros(_SLOTS, np.uint64),
        np.zeros(_SLOTS, np.uint8),
        np.zeros(_SLOTS, np.bool_),
        np.zeros(_SLOTS, np.int32),
        np.zeros(_SLOTS, np.int32),
        np.frombuffer("".join(stems().get(word, word) for word in sorted(word_classes())).encode(), np.uint8),
    )
    dropped, place = set(DROPPED_WORDS.split()), 0
    for word, kind in sorted(word_classes().items()):
        slot = word_hash(word) % _SLOTS
        while made.hashes[slot]:
            slot = (slot + 1) % _SLOTS
        length = len(stems().get(word, word))
        made.hashes[slot], made.classes[slot], made.dropped[slot] = word_hash(word), kind, word in dropped
        made.starts[slot], made.ends[slot] = place, place + length
        place += length
    return made
