"""The fingerprint's skeletons in slow, plain Python: what the compiled loops must give, character for character."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from linkage.fingerprint.characters import ALONE, DIGIT, LETTER, fold_character, sort_of
from linkage.fingerprint.lexicon import CORE, DROPPED_WORDS, FUNCTION, MASK, NUMBER, SOFT, UNKNOWN, stems, word_classes

CLASSES, STEMS, DROPPED = word_classes(), stems(), set(DROPPED_WORDS.split())
TENTHS = {FUNCTION: 3, SOFT: 10, CORE: 20}


@dataclass
class Word:
    text: str
    kind: int
    start: int
    end: int


@dataclass
class Segment:
    words: list[Word]
    at_line: bool
    term: str

    def count(self, *kinds: int) -> int:
        return sum(word.kind in kinds for word in self.words)

    @property
    def real(self) -> int:
        return self.count(UNKNOWN, FUNCTION, SOFT, CORE)

    @property
    def score(self) -> int:
        return 10 * self.count(SOFT) + 20 * self.count(CORE)

    @property
    def sort(self) -> str:
        if self.real > 30 or not self.count(CORE):
            return ""
        if self.term == ":" and self.real <= 4 and not self.count(UNKNOWN):
            return "label"
        return "instruction" if self.count(FUNCTION, SOFT, CORE) / self.real >= 0.9 and self.score >= 30 else ""


def fold(text: str) -> str:
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text)
    out = []
    for character in text:
        if ord(character) > 0xFFFF:
            wide = ord(character) >> 16 in (2, 3)
            out.append(chr(0x3400 | (ord(character) & 0xFFF)) if wide else "*")
        elif character != "\uffff":
            out.append(fold_character(character))
    return re.sub(" +", " ", "".join(out))


def alnum(character: str) -> bool:
    return character != "" and LETTER <= sort_of(character) <= ALONE


class Scanner:
    def __init__(self, text: str) -> None:
        self.text = text
        self.segments: list[Segment] = []
        self.words: list[Word] = []
        self.at_line = True
        self.lettered = 0
        self.unpaired = False

    def run(self) -> None:  # noqa: C901 -- one case for each sort of character
        at = chunk = 0
        text = self.text
        while at < len(text):
            here = text[at]
            if here == "\n":
                self.line(self.stop(at))
                at += 1
            elif here == " ":
                if at and text[at - 1] in ".?!:;":
                    self.close(text[at - 1])
                at += 1
            elif here == '"':
                at = chunk = self.quote(at)
            elif at >= chunk:
                tag = re.compile(r"<(/?)([^<>/]{1,32})>").match(text, at)
                if tag and all(map(alnum, tag[2])) and len(tag[2]) < 33:
                    self.line("")
                    if not tag[1]:
                        self.take_words(tag[2], at + 1)
                        self.line(":")
                    at = chunk = tag.end()
                    continue
                chunk = at + len(re.match(r'[^ \n"]*', text[at:])[0])  # type: ignore[index]
                kind = self.chunk_kind(at, chunk)
                if kind:
                    self.words.append(Word("", kind, at, chunk))
                    at = chunk
            elif alnum(here):
                at += self.take_words(self.word_at(at), at)
            else:
                alone = [c for c in text[max(at - 1, 0) : at + 2] if c != ":" and sort_of(c) == ALONE]
                if here == ":" and alone:
                    self.close(":")
                at += 1
        self.close(self.stop(len(text)))

    def stop(self, at: int) -> str:
        before = self.text[:at].rstrip(" ")[-1:]
        return before if before and before in ".?!:;" else ""

    def quote(self, at: int) -> int:
        text = self.text
        opens = not alnum(text[at - 1 : at] if at else "") and text[at + 1 : at + 2] not in ("", " ", "\n")
        if opens and not self.unpaired:
            depth = 1
            for place in (m.start() for m in re.finditer('"', text) if m.start() > at):
                inner = text[place - 1] in " \n([" and text[place + 1 : place + 2] not in ("", " ", "\n")
                depth += 1 if inner else -1
                if depth == 0:
                    self.words.append(Word("", MASK, at, place + 1))
                    return place + 1
        self.unpaired = self.unpaired or opens
        self.line(self.stop(at))
        return at + 1

    def chunk_kind(self, begin: int, end: int) -> int:
        text = self.text[begin:end]
        if not any(map(alnum, text)):
            return 0
        if all(sort_of(c) == DIGIT for c in text if alnum(c)):
            return NUMBER
        joined = [
            i
            for i in range(begin, end)
            if self.text[i] == "." and alnum(self.text[i - 1 : i] if i else "") and alnum(self.text[i + 1 : i + 2])
        ]
        return MASK if joined or text.count("/") > 1 or set(text) & set("=@\\_{|}<>") else 0

    def word_at(self, at: int) -> str:
        end = at + 1
        if sort_of(self.text[at]) != ALONE:
            while end < len(self.text) and sort_of(self.text[end]) in (LETTER, DIGIT):
                end += 1
        return self.text[at:end]

    def take_words(self, text: str, at: int) -> int:
        done = 0
        while done < len(text):
            word = self.word_at(at + done)
            digits = all(sort_of(c) == DIGIT for c in word)
            kind = NUMBER if digits else CLASSES.get(word, UNKNOWN)
            self.words.append(Word(word, kind, at + done, at + done + len(word)))
            done += len(word)
        return done

    def line(self, term: str) -> None:
        self.close(term)
        self.at_line = True

    def close(self, term: str) -> None:
        words = self.words
        self.words = []
        mark = self.text[words[0].end : words[0].end + 1] if words else ""
        if self.at_line and words and words[0].text in tuple("abcde") and mark in (".", ":", ")"):
            self.lettered += 1
            words = words[1:]
        while self.at_line and words and words[0].kind == NUMBER:
            words = words[1:]
        if any(word.kind not in (MASK, NUMBER) for word in words):
            self.segments.append(Segment(words, self.at_line, term))
            self.at_line = False


@dataclass
class Part:
    text: str
    weight: int
    written: int
    core: int


def put(words: list[Word], literal: bool = False) -> Part:
    out: list[str] = []
    kinds: list[int] = []
    gap = False
    for word in words:
        if word.text in DROPPED and word.kind in TENTHS:
            continue
        slot = word.kind in (MASK, NUMBER) or (word.kind == UNKNOWN and not literal)
        if slot and gap:
            continue
        gap = slot
        kinds.append(word.kind)
        mark = "#" if literal and word.kind == NUMBER else "_"
        out.append(mark if slot else STEMS.get(word.text, word.text))
    weight = sum(TENTHS.get(kind, 0) for kind in kinds)
    return Part("".join(word + " " for word in out), weight, len(out), kinds.count(CORE))


def middles(segments: list[Segment]) -> tuple[list[str], int, int]:
    parts: list[str] = []
    weight = core = 0
    for segment in segments:
        sure = segment.count(CORE) >= 2 and not segment.count(UNKNOWN) and 3 <= segment.real <= 30
        if sure or (segment.sort == "label" and segment.at_line):
            part, mark, least = put(segment.words), "", 3
        else:
            lead = segment.words[: next((i for i, w in enumerate(segment.words) if w.kind not in TENTHS), None)]
            if not segment.at_line or sum(word.kind == CORE for word in lead) < 2:
                continue
            part, mark, least = put(lead), ">", 2
        text = mark + part.text + "/"
        if text not in parts:
            parts.append(text)
            weight += part.weight
            core += part.core if part.written >= least else 0
        if len(parts) == 6:
            break
    return parts, weight, core


def grown(segments: list[Segment]) -> int:
    taken = weight = 0
    while taken < len(segments) and weight < 30 and segments[taken].sort:
        weight += segments[taken].score
        taken += 1
    return taken


def edge(segments: list[Segment]) -> str | None:
    real = sum(segment.real for segment in segments)
    spoken = sum(segment.count(SOFT, CORE) for segment in segments)
    if sum(len(segment.words) for segment in segments) > 30 or real < 5 or (real < 8 and not spoken):
        return None
    return "".join(put(segment.words, literal=True).text for segment in segments)


def template_skeletons(segments: list[Segment], style: int) -> list[str]:
    if not segments:
        return []
    if len(segments) == 1 and (segments[0].count(CORE) < 2 or segments[0].count(FUNCTION, SOFT, CORE) < 5):
        return []
    head = grown(segments)
    tail = len(segments) - grown(segments[head:][::-1])
    parts, weight, core = middles(segments[head:tail])
    pieces = [[put(segment.words) for segment in some] for some in (segments[:head], segments[tail:])]
    for piece in pieces[0] + pieces[1]:
        weight += piece.weight
        core += piece.core if piece.written > 2 else 0
    first, last = ("".join(piece.text + "/" for piece in some) for some in pieces)
    out = [f"f{style}|{first}|{''.join(parts)}|{last}"]
    if weight >= 70:
        return out
    if core < 2 or (head == 0 and tail == len(segments)):
        out = []
    taken = real = 0
    while taken < len(segments) and real < 5:
        real += segments[taken].real
        taken += 1
    opening, ending = edge(segments[:taken]), edge(segments[-1:]) if taken < len(segments) else None
    out += [f"h{style}|{opening}"] if opening is not None else []
    return out + ([f"t{style}|{ending}"] if ending is not None else [])


def run(text: str) -> list[str]:
    return "".join(f" {c} " if sort_of(c) == ALONE else c if alnum(c) else " " for c in text).split()


def wording(words: list[str], least: int) -> list[str]:
    return ["x|" + "".join(" " + word for word in words)] if len(words) >= least else []


def filling(text: str, segments: list[Segment]) -> list[str]:
    slots = [segment for segment in segments if not segment.sort]
    if not slots or sum(segment.real > 0 for segment in segments) < 2:
        return []
    longest = max(slots, key=lambda segment: len(segment.words))
    if len(longest.words) > 30:
        return []
    return wording(run(text[longest.words[0].start : longest.words[-1].end]), 8)


def skeletons(prompt: str) -> list[str]:
    text = fold(prompt)
    scanner = Scanner(text)
    scanner.run()
    joined = [i for i, c in enumerate(text) if i and c in ".,"]
    tight = sum(alnum(text[i - 1]) for i in joined)
    loose = sum(i > 1 and text[i - 1] == " " and alnum(text[i - 2]) for i in joined)
    style = 2 * (scanner.lettered >= 2) + (loose > tight)
    return template_skeletons(scanner.segments, style) + wording(run(text), 6) + filling(text, scanner.segments)
