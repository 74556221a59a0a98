import re

from hypothesis import given
from hypothesis import strategies as st

from trustmed.embedded.settings import rendered, settings


def test_acknowledged_commits_are_on_disk():
    values = settings("hub", 5432, "/log")
    assert [values[name] for name in ("fsync", "synchronous_commit", "full_page_writes")] == ["on", "on", "on"]


def test_a_servers_own_settings_have_the_last_word():
    assert settings("hub", 5432, "/log", more={"wal_sender_timeout": "1s"})["wal_sender_timeout"] == "1s"


def test_a_server_listens_on_this_machine_only():
    assert settings("hub", 5432, "/log")["listen_addresses"] == "127.0.0.1"


@given(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])))
def test_no_value_escapes_its_quotes(value: str):
    (line,) = re.findall(r"\A([^\n]*)\n\Z", rendered({"cluster_name": value}).replace("\r", " "))
    inside = line.removeprefix("cluster_name = '").removesuffix("'")
    assert "'" not in inside.replace("\\\\", "").replace("''", "")
    assert inside.replace("\\n", "\n").replace("''", "'").count("'") == value.count("'")
