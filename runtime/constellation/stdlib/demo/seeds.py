"""Users and orders from fixed tables."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from constellation.modules.decorator import module


@dataclass(frozen=True, slots=True)
class User:
    """A user of the table."""

    id: str
    name: str
    email: str


@dataclass(frozen=True, slots=True)
class OrderItem:
    """A line of an order; the price is in cents."""

    sku: str
    quantity: int
    unitPrice: int


@dataclass(frozen=True, slots=True)
class Order:
    """An order of the table."""

    id: str
    status: str
    items: tuple[OrderItem, ...]


USERS: Final = {
    user.id: user
    for user in (
        User("user-123", "Alice", "alice@example.com"),
        User("user-456", "Bob", "bob@example.com"),
        User("user-789", "Carol", "carol@example.com"),
    )
}
ORDERS: Final = {
    order.id: order
    for order in (
        Order("ORD-123", "shipped", (OrderItem("SKU-1", 2, 1250), OrderItem("SKU-2", 1, 4000))),
        Order("ORD-456", "pending", (OrderItem("SKU-3", 3, 999),)),
    )
}


class SeedExamples:
    """Looking up users and orders."""

    @module(name="GetUser", tags=("demo",))
    async def get_user(self, userId: str) -> User:
        """The user with an id such as `user-123`. Fails with `user not found`."""
        try:
            return USERS[userId]
        except KeyError:
            raise LookupError("user not found") from None

    @module(name="GetOrder", tags=("demo",))
    async def get_order(self, orderId: str) -> Order:
        """The order with an id such as `ORD-123`; prices are in cents. Fails with `order not found`."""
        try:
            return ORDERS[orderId]
        except KeyError:
            raise LookupError("order not found") from None
