"""JWT: only what the pinned issuer signed for this audience with an allowed algorithm is believed."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from linkage.errors import SettingsError
from linkage.jobs.site import Site
from linkage.serve.access import tokens as module
from linkage.serve.access.roles import Rank
from linkage.serve.access.tokens import Tokens, TokenSettings, Unverified
from linkage.serve.settings import ServeSettings
from tests.serve.conftest import connect

ISSUER, AUDIENCE = "https://idp.example", "linkage"
RSA = rsa.generate_private_key(public_exponent=65537, key_size=2048)
OTHER = rsa.generate_private_key(public_exponent=65537, key_size=2048)
EC = ec.generate_private_key(ec.SECP256R1())


def jwks(path: Path, **keys: Any) -> Path:
    rows = [
        json.loads(jwt.get_algorithm_by_name("RS256").to_jwk(key.public_key())) | {"kid": kid}
        for kid, key in keys.items()
    ]
    path.write_text(json.dumps({"keys": rows}))
    return path


@pytest.fixture
def given(tmp_path: Path) -> TokenSettings:
    return TokenSettings(jwks=str(jwks(tmp_path / "jwks.json", one=RSA)), issuer=ISSUER, audience=AUDIENCE)


def token(key: Any = RSA, algorithm: str = "RS256", kid: str = "one", **other: Any) -> str:
    claims = {"iss": ISSUER, "aud": AUDIENCE, "sub": "ann", "exp": time.time() + 60, "linkage_role": "analyst"} | other
    claims = {name: value for name, value in claims.items() if value is not None}
    return jwt.encode(claims, key, algorithm=algorithm, headers={"kid": kid})


def test_a_good_token_names_its_subject_and_role(given: TokenSettings) -> None:
    found = Tokens(given).principal(token())
    assert (found.name, found.rank, found.way) == ("subject ann", Rank.ANALYST, "token")
    assert Tokens(given).principal(token(linkage_role=["viewer", "operator", "cook"])).rank is Rank.OPERATOR


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"iss": "https://evil.example"}, "issuer"),
        ({"aud": "other"}, "audience"),
        ({"exp": 1}, "expired"),
        ({"nbf": 2**33}, "not good yet"),
        ({"exp": None}, "lacks"),
        ({"sub": None}, "lacks"),
        ({"key": OTHER}, "signature"),
        ({"kid": "two"}, "key"),
        ({"key": EC, "algorithm": "ES256"}, "refused"),
        ({"key": RSA, "algorithm": "RS384"}, "algorithm"),
        ({"key": "x" * 64, "algorithm": "HS256"}, "algorithm"),
        ({"key": "", "algorithm": "none"}, "algorithm"),
        ({"linkage_role": None}, "linkage_role"),
        ({"linkage_role": "root"}, "linkage_role"),
    ],
)
def test_any_other_is_refused_with_a_reason(given: TokenSettings, wrong: dict[str, Any], said: str) -> None:
    with pytest.raises(Unverified, match=said) as caught:
        Tokens(given).principal(token(**wrong))
    assert "ann" not in str(caught.value)


@pytest.mark.parametrize("text", ["", "a.b", "a.b.c", "..", "é.é.é"])
def test_what_is_no_token_is_refused(given: TokenSettings, text: str) -> None:
    with pytest.raises(Unverified):
        Tokens(given).principal(text)


def test_a_new_key_of_the_issuer_is_found_and_an_unknown_one_is_not_asked_for_each_time(
    given: TokenSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    reads: list[str] = []
    monkeypatch.setattr(module, "_read", lambda source: reads.append(source) or Path(source).read_bytes())
    monkeypatch.setattr(module, "RETRY_S", 0.0)
    tokens = Tokens(given)
    tokens.principal(token())
    jwks(Path(given.jwks), one=RSA, two=OTHER)
    assert tokens.principal(token(key=OTHER, kid="two")).name == "subject ann"
    assert len(reads) == 2
    monkeypatch.setattr(module, "RETRY_S", 60.0)
    for _ in range(5):
        with pytest.raises(Unverified):
            tokens.principal(token(kid="three"))
    assert len(reads) == 2


def test_the_last_good_keys_serve_while_the_issuer_is_away(
    given: TokenSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    tokens = Tokens(given)
    tokens.principal(token())
    Path(given.jwks).unlink()
    monkeypatch.setattr(module, "KEEP_S", -1.0)
    monkeypatch.setattr(module, "RETRY_S", -1.0)
    assert tokens.principal(token()).name == "subject ann"


@pytest.mark.parametrize(
    "wrong",
    [
        {"issuer": ""},
        {"audience": ""},
        {"jwks": ""},
        {"algorithms": ("HS256",)},
        {"algorithms": ()},
        {"algorithms": ("none",)},
        {"jwks": "http://idp.example/keys"},
    ],
)
def test_settings_that_would_let_anybody_in_are_refused(wrong: dict[str, Any]) -> None:
    good: dict[str, Any] = {"jwks": "https://idp.example/keys", "issuer": ISSUER, "audience": AUDIENCE}
    TokenSettings(**good)
    with pytest.raises(SettingsError):
        TokenSettings(**good | wrong)


def test_the_service_takes_tokens(site: Site, given: TokenSettings) -> None:
    with connect(site, ServeSettings(tokens=given)) as client:
        for sent, status in ((token(), 200), (token(aud="other"), 401), ("", 401)):
            answer = client.post(
                "/graphql", json={"query": "{ run { runId } }"}, headers={"Authorization": f"Bearer {sent}"}
            )
            assert answer.status_code == status
        refused = client.post(
            "/graphql",
            json={"query": '{ account(id: "acct-001") { country } }'},
            headers={
                "Authorization": f"Bearer {token(linkage_role='viewer')}",
                "Accept": "application/graphql-response+json",
            },
        )
        assert refused.status_code == 403
