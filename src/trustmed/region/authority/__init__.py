"""The region's own authority: its root, codes of enrolment, issuing, renewal, revocation and what has been issued."""
