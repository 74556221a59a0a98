import tests.examples  # noqa: F401 the profile is loaded before any test is read

pytest_plugins = [
    *("tests.fix_servers", "tests.fix_schema", "tests.fix_apps", "tests.fix_region", "tests.fix_site"),
    *("tests.fix_fast", "tests.fix_strict"),
]
