"""A model that obeys every text it reads: attacks are measured with it by what they bring about."""

from .model import Base, ObedientModel, Obeyed
from .orders import Deed, Meaning, Order, orders_in
from .reading import Parts, parts_of

__all__ = ["Base", "Deed", "Meaning", "ObedientModel", "Obeyed", "Order", "Parts", "orders_in", "parts_of"]
