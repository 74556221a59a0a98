"""The patient: rules that hold for a patient wherever they are registered."""
