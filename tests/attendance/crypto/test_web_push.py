"""Sealing and vouching for pushed messages, against what the standards print."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from attendance.crypto.web_push import CURVE, LIFE, Voucher, decoded, encoded, public_key, sealed

NOW = datetime(2026, 3, 2, 8, tzinfo=timezone.utc)


def test_it_is_sealed_as_rfc_8291_prints_in_its_example() -> None:
    sender = int.from_bytes(decoded("yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw"), "big")
    body = sealed(
        b"When I grow up, I want to be a watermelon",
        decoded(
            "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"
        ),
        decoded("BTBZMqHH6r4Tts7J_aSIgg"),
        salt=decoded("DGv6ra1nlYgDCS1FRnbzlw"),
        sender=ec.derive_private_key(sender, CURVE),
        padded=0,
    )
    assert encoded(body) == (
        "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWA"
        "mS6TlzAC8wEqKK6PBru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxs"
        "j_Qulcy4a-fN"
    )


def test_who_vouches_is_the_same_after_a_restart_and_names_the_service() -> None:
    voucher = Voucher(b"\x01" * 32)
    assert voucher.public == Voucher(b"\x01" * 32).public != Voucher(b"\x02" * 32).public
    header = voucher.authorization("https://push.example/send/1?x", "mailto:a@b.example", NOW)
    token, key = header.removeprefix("vapid t=").split(", k=")
    assert key == voucher.public
    claims = jwt.decode(
        token,
        public_key(decoded(key)),
        algorithms=["ES256"],
        audience="https://push.example",
        options={"verify_exp": False},
    )
    assert (claims["sub"], claims["exp"]) == (
        "mailto:a@b.example",
        int((NOW + LIFE).timestamp()),
    )
    assert timedelta(hours=24) > LIFE


def test_a_secret_of_all_ones_gives_a_key_as_well() -> None:
    assert len(decoded(Voucher(b"\xff" * 32).public)) == 65


@pytest.mark.parametrize("data", [b"", b"\x04" * 65, b"\x04" + b"\0" * 63])
def test_what_is_no_point_of_the_curve_is_refused(data: bytes) -> None:
    with pytest.raises(ValueError, match=r".+"):
        public_key(data)
