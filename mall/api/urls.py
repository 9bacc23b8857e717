"""API endpoints of mall."""

from django.urls import URLPattern, path

from mall.api import cart, catalogue, checkout, orders, pages, plans

urlpatterns: list[URLPattern] = [
    path("pages/<slug:page>/", pages.PageView.as_view(), name="api-page"),
    path("categories/", catalogue.CategoriesView.as_view(), name="api-categories"),
    path("products/", catalogue.ProductsView.as_view(), name="api-products"),
    path("products/<id:product_id>/", catalogue.ProductView.as_view(), name="api-product"),
    path("rewards/", catalogue.RewardsView.as_view(), name="api-rewards"),
    path("rewards/<id:product_id>/", catalogue.RewardView.as_view(), name="api-reward"),
    path("cart/", cart.CartView.as_view(), name="api-cart"),
    path("cart/lines/", cart.CartLinesView.as_view(), name="api-cart-lines"),
    path("cart/lines/<id:line_id>/", cart.CartLineView.as_view(), name="api-cart-line"),
    path("cart/selection/", cart.CartSelectionView.as_view(), name="api-cart-selection"),
    path("checkout/", checkout.CheckoutView.as_view(), name="api-checkout"),
    path("orders/", checkout.OrdersView.as_view(), name="api-orders"),
    path("redemptions/", checkout.RedemptionsView.as_view(), name="api-redemptions"),
    path("orders/counts/", orders.OrderCountsView.as_view(), name="api-order-counts"),
    path("orders/<number:number>/", orders.OrderView.as_view(), name="api-order"),
    path("orders/<number:number>/cancel/", orders.OrderCancelView.as_view(), name="api-order-cancel"),
    path("orders/<number:number>/confirm-receipt/", orders.OrderReceiptView.as_view(), name="api-order-receipt"),
    path("orders/<number:number>/cashier/", orders.CashierView.as_view(), name="api-cashier"),
    path("orders/<number:number>/payments/", orders.PaymentsView.as_view(), name="api-payments"),
    path("orders/<number:number>/fee-refund/", plans.FeeRefundView.as_view(), name="api-fee-refund"),
    path("plans/<id:plan_id>/orders/", plans.PlanOrdersView.as_view(), name="api-plan-orders"),
    path("payments/<number:out_trade_no>/sandbox/", orders.SandboxPaymentView.as_view(), name="api-sandbox-payment"),
]
