"""Check a document by the ministry's rules for its kind, the XSD and the schematron together."""

import copy
import hashlib
import re
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from pathlib import Path
from threading import Lock
from typing import Final, NamedTuple

import msgspec
import saxonche  # ty: ignore[import-not-found]  # compiled, has no stubs
from lxml import etree

from trustmed.errors import Broken
from trustmed.semd.cda.elements import HL7, Element
from trustmed.semd.cda.read import NotXml, parse_safely
from trustmed.semd.rules.schematron import MARK, Check, SchematronUnknown, namespaces, read_checks, stylesheet

MOST_FINDINGS: Final = 200
"""The most findings reported of the XSD, and again of the schematron; a document with more is not a СЭМД at all."""


class RulesMissing(Broken):
    """The kind has no folder of rules, or a file in it is missing."""

    def __init__(self, kind: str, where: Path) -> None:
        super().__init__(
            f"Нет правил проверки для документов вида {kind}: не найден {where}. Загрузите пакет схем Минздрава.",
            f"No rules for documents of kind {kind}: {where} is not there. Load the ministry's schema pack.",
        )


class RulesBroken(Broken):
    """The pack is there but cannot be used."""

    def __init__(self, kind: str, where: Path, reason: str) -> None:
        super().__init__(
            f"Пакет правил вида {kind} повреждён: {where}: {reason}. Загрузите его заново.",
            f"The pack of rules for kind {kind} is broken: {where}: {reason}. Load it again.",
        )


class Finding(msgspec.Struct, frozen=True):
    """One breach. `rule` is "xsd" or the check's number in rules.sch; `line` is the document's (0: unknown).

    `location` is an XPath without namespaces, with positions; `text` is the rule's own words.
    """

    rule: str
    location: str
    line: int
    text: str


class Verdict(msgspec.Struct, frozen=True):
    """`sha256` is of the bytes checked, `pack_digest` of the rules they were checked by, both hexadecimal.

    `rules_checked` counts the schematron's asserts and reports. All of them run even if the XSD refuses the document.
    """

    kind: str
    sha256: str
    pack_digest: str
    passed: bool
    rules_checked: int
    findings: tuple[Finding, ...]


class RulePack:
    """Compiled rules of one kind; made by `load_pack`, used by `check`. Safe to share between threads.

    Saxon runs on one thread of its own for the whole process, because its native part must be told of every thread that
    enters it; so documents are checked one at a time. Load packs after a process forks, not before.
    """

    def __init__(
        self, kind: str, digest: str, xsd: etree.XMLSchema, checks: tuple[Check, ...], program: "_Program"
    ) -> None:
        self.kind = kind
        self.digest = digest
        self.checks = checks
        self._xsd = xsd
        self._xsd_lock = Lock()
        self._program = program

    @property
    def size(self) -> int:
        """Return how many asserts and reports the pack has."""
        return len(self.checks)

    def schema_findings(self, root: Element) -> tuple[Finding, ...]:
        with self._xsd_lock:  # lxml keeps the errors of a validation in the shared schema object
            if self._xsd.validate(root):
                return ()
            errors = list(islice(self._xsd.error_log, MOST_FINDINGS))
        prefixes = {prefix: uri for element in root.iter() for prefix, uri in element.nsmap.items() if prefix}
        return tuple(_schema_finding(root, error, prefixes) for error in errors)

    def rule_findings(self, root: Element) -> tuple[Finding, ...]:
        """Run the schematron. Raises NotXml for what libxml2 reads but Saxon, strict about names, does not."""
        try:
            raw = _SAXON.submit(_run, self._program, _plain(root)).result()
        except saxonche.PySaxonApiError as error:
            raise NotXml(str(error)) from error
        elements = list(root.iter(etree.Element))
        return tuple(self._finding(elements, item) for item in islice(etree.fromstring(raw), MOST_FINDINGS))

    def _finding(self, elements: list[Element], item: Element) -> Finding:
        check = self.checks[int(item.get("check", "0")) - 1]
        where = elements[int(item.get("at") or 0)]
        return Finding(str(check.number), _location(where), where.sourceline or 0, check.text)


class _Program(NamedTuple):
    processor: saxonche.PySaxonProcessor
    stylesheet: saxonche.PyXsltExecutable


_KIND: Final = re.compile("[0-9]+")
_SAXON: Final = ThreadPoolExecutor(max_workers=1, thread_name_prefix="saxon")
_processor: saxonche.PySaxonProcessor | None = None


def installed_kinds(directory: Path) -> tuple[str, ...]:
    """Return the kinds that have rules in `directory`, in the order of their numbers."""
    if not directory.is_dir():
        return ()
    kinds = (item.name for item in directory.iterdir() if _KIND.fullmatch(item.name) and (item / "rules.sch").is_file())
    return tuple(sorted(kinds, key=int))


def load_pack(directory: Path, kind: str) -> RulePack:
    """Read and compile `directory`/`kind`/{CDA.xsd, rules.sch}; this takes about a second, so keep the result.

    Raises RulesMissing, RulesBroken.
    """
    folder = directory / kind
    schema_file, rules_file = folder / "CDA.xsd", folder / "rules.sch"
    for path in (schema_file, rules_file):
        if not _KIND.fullmatch(kind) or not path.is_file():
            raise RulesMissing(kind, path)
    digest = _digest(folder)
    try:
        xsd = etree.XMLSchema(etree.parse(schema_file, etree.XMLParser(no_network=True)))
    except (etree.XMLSchemaParseError, etree.XMLSyntaxError) as error:
        raise RulesBroken(kind, schema_file, str(error)) from error
    try:
        schema = etree.parse(rules_file, etree.XMLParser(no_network=True, resolve_entities=False)).getroot()
        checks = read_checks(schema)
        source = stylesheet(checks, namespaces(schema))
        program = _SAXON.submit(_compile, source.decode()).result()
    except (etree.XMLSyntaxError, SchematronUnknown, saxonche.PySaxonApiError, ValueError) as error:
        raise RulesBroken(kind, rules_file, str(error)) from error
    if not checks:
        raise RulesBroken(kind, rules_file, "ни одного правила / no rules")
    return RulePack(kind, digest, xsd, tuple(checks), program)


def check(pack: RulePack, xml: bytes) -> Verdict:
    """Check a document by the rules of `pack`.

    Raises read.NotXml, read.HasDoctype for bytes that cannot be checked at all.
    """
    root = parse_safely(xml)
    findings = pack.schema_findings(root) + pack.rule_findings(root)
    return Verdict(
        kind=pack.kind,
        sha256=hashlib.sha256(xml).hexdigest(),
        pack_digest=pack.digest,
        passed=not findings,
        rules_checked=pack.size,
        findings=findings,
    )


def _digest(folder: Path) -> str:
    """Return the SHA-256 over the names and contents of the pack's files."""
    total = hashlib.sha256()
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        content = path.read_bytes()
        total.update(f"{path.relative_to(folder).as_posix()}\0{len(content)}\0".encode())
        total.update(content)
    return total.hexdigest()


def _compile(source: str) -> _Program:
    global _processor  # one for each process: Saxon never gives back the memory of a processor
    processor = _processor = _processor or saxonche.PySaxonProcessor(license=False)
    return _Program(processor, processor.new_xslt30_processor().compile_stylesheet(stylesheet_text=source))


def _run(program: _Program, xml: str) -> bytes:
    return program.stylesheet.transform_to_string(xdm_node=program.processor.parse_xml(xml_text=xml)).encode()


def _plain(root: Element) -> str:
    """Return a copy with `schematron.MARK` on every element and without HL7's namespace, which the rules do not use."""
    plain = copy.deepcopy(root)
    for number, element in enumerate(plain.iter(etree.Element)):
        name = etree.QName(element)
        if name.namespace == HL7:
            element.tag = name.localname
        element.set(f"{{{MARK}}}n", str(number))
    etree.cleanup_namespaces(plain)
    return etree.tostring(plain, encoding="unicode")


def _location(element: Element) -> str:
    """Return the path to `element` by local names, as /ClinicalDocument/author[1]/time[1]."""
    parent = element.getparent()
    name = etree.QName(element).localname
    if parent is None:
        return f"/{name}"
    place = 1 + sum(1 for _ in element.itersiblings(str(element.tag), preceding=True))
    return f"{_location(parent)}/{name}[{place}]"


def _schema_finding(root: Element, error: etree._LogEntry, prefixes: dict[str, str]) -> Finding:
    return Finding(
        "xsd", _schema_location(root, error.path, prefixes), error.line, error.message.replace(f"{{{HL7}}}", "")
    )


def _schema_location(root: Element, path: str | None, prefixes: dict[str, str]) -> str:
    """Return libxml2's path (as /*/*[13]/identity:DocInfo) by names, or unchanged if its prefixes are ambiguous."""
    try:
        named = root.getroottree().xpath(path or "/*", namespaces=prefixes)
    except etree.XPathError:
        return path or "/"
    return _location(named[0]) if named else path or "/"
