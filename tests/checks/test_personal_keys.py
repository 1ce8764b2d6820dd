"""The HMAC key: loaded once a process, named by its id, never a setting."""

import hashlib
import hmac
import os

import pytest

from checks.personal import Personal
from checks.personal.keys import hmac_of, use_key
from schemas.errors import ConfigError, LedgerError
from tests.checks.test_personal_validators import a_mobile, an_email, an_id, wide
from tests.kit.records import records


@pytest.fixture
def key(tmp_path):
    path = tmp_path / "subjects.key"
    path.write_bytes(os.urandom(32))
    return path


def test_key_id_and_hmac_are_what_the_format_says(key):
    key_id = use_key(key)
    assert key_id == hashlib.sha256(b"corpusledger key id" + key.read_bytes()).hexdigest()[:16]
    assert use_key(key) == key_id
    expected = hmac.new(key.read_bytes(), b"EMAIL_ADDRESS\x00a@b.cn", hashlib.sha256).digest()[:16]
    assert hmac_of(key_id, "EMAIL_ADDRESS", "a@b.cn") == expected
    assert hmac_of(None, "EMAIL_ADDRESS", "a@b.cn") is None


def test_settings_hold_the_id_and_not_the_key(key):
    check = Personal(key_id=use_key(key))
    assert check.settings()["key_id"] == use_key(key)
    assert key.read_bytes().hex() not in repr(check)


def test_a_key_that_is_not_loaded_is_an_error_that_names_it():
    with pytest.raises(LedgerError, match="key 00000000deadbeef is set but not loaded"):
        hmac_of("00000000deadbeef", "EMAIL_ADDRESS", "x")
    with pytest.raises(LedgerError, match="not loaded"):
        Personal(key_id="00000000deadbeef").look(records([{"text": an_email()}]))


def test_a_missing_or_short_key_file_is_a_configuration_error(tmp_path):
    with pytest.raises(ConfigError, match="cannot be read"):
        use_key(tmp_path / "none")
    (tmp_path / "short").write_bytes(b"secret")
    with pytest.raises(ConfigError, match="has 6 bytes, at least 16") as error:
        use_key(tmp_path / "short")
    assert "secret" not in str(error.value)


def test_one_value_written_in_many_ways_has_one_hmac(key):
    check = Personal(key_id=use_key(key))

    def hmacs(*written):
        seen = check.look(records([{"text": f"值：{text}。"} for text in written]))
        assert seen.findings.num_rows == len(written)
        return set(seen.findings["value_hmac"].to_pylist())

    number, mobile = an_id(), a_mobile()
    ids = hmacs(number, number.lower(), wide(number), f"{number[:6]} {number[6:14]} {number[14:]}")
    phones = hmacs(mobile, "+86" + mobile, f"{mobile[:3]}-{mobile[3:7]}-{mobile[7:]}", wide(mobile))
    emails = hmacs(an_email(), an_email().upper(), an_email().replace("@", "＠"))
    assert (len(ids), len(phones), len(emails)) == (1, 1, 1)
    assert len(ids | phones | emails) == 3
    (in_url,) = (
        check.look(records([{"text": "x", "url": "https://a.cn/" + an_email()}])).findings["value_hmac"].to_pylist()
    )
    assert {in_url} == emails
