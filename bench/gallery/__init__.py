"""Pictures of a council that does not exist, and what people do to pictures: what bench/pictures.py is measured on."""
