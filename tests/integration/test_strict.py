import pytest

pytest_plugins = ["pytester"]

TESTS = """
    import pytest

    @pytest.mark.skip(reason="no Chromium here")
    def test_a_page(): ...

    @pytest.mark.semd
    @pytest.mark.skip(reason="no pack here")
    def test_a_pack(): ...

    @pytest.mark.xfail(strict=True)
    def test_known(): raise ValueError
"""


@pytest.fixture
def strict(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, pytestconfig: pytest.Config) -> pytest.Pytester:
    monkeypatch.setenv("PYTHONPATH", str(pytestconfig.rootpath))
    monkeypatch.setenv("TRUSTMED_NO_SKIPS", "1")
    monkeypatch.delenv("TRUSTMED_SEMD_DIR", raising=False)
    pytester.makeini("[pytest]\nmarkers = semd: x\nasyncio_default_fixture_loop_scope = function")
    pytester.makepyfile(TESTS)
    return pytester


def run(tests: pytest.Pytester) -> pytest.RunResult:
    return tests.runpytest_subprocess("-p", "tests.fix_strict", "-p", "no:cacheprovider", "-p", "no:valkey")


def test_a_skip_fails_with_its_reason_except_for_an_absent_pack(strict: pytest.Pytester):
    result = run(strict)
    result.assert_outcomes(errors=1, skipped=1, xfailed=1)
    result.stdout.fnmatch_lines(["*no Chromium here*"])


def test_a_pack_that_is_named_may_not_be_skipped(strict: pytest.Pytester, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("TRUSTMED_SEMD_DIR", "/somewhere")
    run(strict).assert_outcomes(errors=2, xfailed=1)


def test_a_skipped_module_fails(strict: pytest.Pytester):
    strict.makepyfile(test_module="import pytest; pytest.skip('not today', allow_module_level=True)")
    run(strict).assert_outcomes(errors=1)


def test_elsewhere_a_skip_is_a_skip(strict: pytest.Pytester, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("TRUSTMED_NO_SKIPS", "0")
    run(strict).assert_outcomes(skipped=2, xfailed=1)
