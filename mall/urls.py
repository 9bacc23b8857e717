"""H5 pages of mall."""

from django.urls import URLPattern, path

from mall.h5 import cart, cashier, catalogue, checkout, orders, pages, plans, rewards

app_name = "mall"
urlpatterns: list[URLPattern] = [
    path("", pages.home, name="home"),
    path("feed/", catalogue.feed, name="feed"),
    path("categories/", catalogue.category, name="category"),
    path("categories/<slug:slug>/", catalogue.category, name="category-detail"),
    path("search/", catalogue.search, name="search"),
    path("products/<int:product_id>/", catalogue.product, name="product"),
    path("points-mall/", rewards.points_mall, name="points-mall"),
    path("points-mall/<int:product_id>/", rewards.reward, name="reward"),
    path("points-mall/<int:product_id>/redeem/", checkout.redeem, name="redeem"),
    path("cart/", cart.cart, name="cart"),
    path("cart/add/", cart.add, name="cart-add"),
    path("cart/add/<int:sku_id>/", cart.add_one, name="cart-add-one"),
    path("cart/select/", cart.select_all, name="cart-select"),
    path("cart/lines/<int:line_id>/", cart.line, name="cart-line"),
    path("buy/", cart.buy_now, name="buy-now"),
    path("checkout/", checkout.checkout, name="checkout"),
    path("orders/", orders.orders, name="orders"),
    path("orders/<number:number>/", orders.order, name="order"),
    path("orders/<number:number>/cancel/", orders.cancel, name="order-cancel"),
    path("orders/<number:number>/confirm/", orders.confirm, name="order-confirm"),
    path("orders/<number:number>/pay/", cashier.cashier, name="cashier"),
    path("orders/<number:number>/pay/sandbox/", cashier.sandbox_pay, name="sandbox-pay"),
    path("orders/<number:number>/paid/", cashier.paid, name="pay-result"),
    path("orders/<number:number>/fee/", plans.fee_refund, name="fee-refund"),
    path("membership/plans/<int:plan_id>/buy/", plans.plan_buy, name="plan-buy"),
    path("me/", pages.member_centre, name="member-centre"),
    path("theme/", pages.theme, name="theme"),
]
