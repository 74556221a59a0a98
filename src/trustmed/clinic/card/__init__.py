"""Pages that gather what several rooms know: a patient's card, a visit, a booking."""
