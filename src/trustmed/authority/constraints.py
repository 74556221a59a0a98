"""The names that an authority may certify (NameConstraints, RFC 5280 §4.2.1.10): of subjects, machines, addresses."""

from collections.abc import Iterable
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network

from cryptography import x509


def are_names_permitted(certificate: x509.Certificate, issuer: x509.Certificate) -> bool:
    """Whether the issuer's constraints permit every name of the certificate."""
    try:
        constraints = issuer.extensions.get_extension_for_class(x509.NameConstraints).value
    except x509.ExtensionNotFound:
        return True
    permitted, excluded = constraints.permitted_subtrees or [], constraints.excluded_subtrees or []
    for name in _names(certificate):
        wanted = [one for one in permitted if type(one) is type(name)]
        if wanted and not any(_is_within(name, one) for one in wanted):
            return False
        if any(_is_within(name, one) for one in excluded if type(one) is type(name)):
            return False
    return True


def _names(certificate: x509.Certificate) -> Iterable[x509.GeneralName]:
    if list(certificate.subject):
        yield x509.DirectoryName(certificate.subject)
    try:
        yield from certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return


def _is_within(name: x509.GeneralName, tree: x509.GeneralName) -> bool:
    """Whether a name lies in a subtree of its own sort; of a sort that is not known here, it does only if equal."""
    if isinstance(name, x509.DirectoryName) and isinstance(tree, x509.DirectoryName):
        parts = list(tree.value.rdns)
        return list(name.value.rdns)[: len(parts)] == parts
    if isinstance(name, x509.DNSName) and isinstance(tree, x509.DNSName):
        host, zone = name.value.lower(), tree.value.lower().removeprefix(".")
        return not zone or host == zone or host.endswith("." + zone)
    if isinstance(name, x509.IPAddress) and isinstance(tree, x509.IPAddress):
        return _is_in_network(name.value, tree.value)
    return name.value == tree.value


def _is_in_network(address: object, network: object) -> bool:
    if isinstance(address, IPv4Address) and isinstance(network, IPv4Network):
        return address in network
    if isinstance(address, IPv6Address) and isinstance(network, IPv6Network):
        return address in network
    return False
