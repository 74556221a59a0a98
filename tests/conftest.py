pytest_plugins = [
    *("tests.fix_servers", "tests.fix_schema", "tests.fix_apps", "tests.fix_region", "tests.fix_site"),
    *("tests.fix_fast", "tests.fix_strict"),
]
