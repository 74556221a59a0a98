"""Detached electronic signatures (CMS) over exact bytes: make them, check them against a trust store, say why not.

`verify.verify` is all that an incoming document needs; `software` makes keys and signatures for the demo, tests and
test stands. The certificate decides on the algorithm (ECDSA, RSA, GOST R 34.10-2012).
"""
