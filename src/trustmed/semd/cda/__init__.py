"""Clinical documents as XML: elements, header and coded values to build them of; how to read and show them safely."""
