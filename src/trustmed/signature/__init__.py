"""Detached electronic signatures (CMS) over exact bytes: made, checked against a trust store, refused with a reason.

`verify` is the whole contract for a document that comes in; `sign.SoftwareKey` and `authority` serve the demo, tests
and test stands. The algorithm (ECDSA, RSA, GOST R 34.10-2012) is the certificate's matter.
"""
