"""Clinical documents as XML: elements, header, coded values; reading and showing them safely."""
