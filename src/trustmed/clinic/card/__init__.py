"""Pages that gather data of several rooms: a patient's card, a visit, a booking."""
