"""Certificates of the region's sites, programs, portals and gateways: what they say, whom to believe, one's own.

A program loads its own by `identity.load_identity(topology, "site", name)` and signs by `Identity.sign(data)`. Whoever
gets a certificate loads whom to believe by `trust.trust_of(topology)`, then `peer.verify_peer(chain, trust, at)` says
whose it is, and `peer.check_signature(peer, data, signature)` that its key signed these bytes. Issuing is the region's:
see `region.authority`. Certificates of another authority need only the same names (docs/authority.md).
"""
