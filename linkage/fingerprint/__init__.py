"""Prompt text to keyed fingerprints of its template and its wording; the text goes no further."""

from linkage.fingerprint.batch import Fingerprints, fingerprint_batch, prompt_keys, prompt_skeletons

__all__ = ["Fingerprints", "fingerprint_batch", "prompt_keys", "prompt_skeletons"]
