"""Settings, all of them from the environment; .env.example explains each."""

import os
from datetime import timedelta
from pathlib import Path

import environ
from django.core.exceptions import ImproperlyConfigured
from django.urls import reverse_lazy

from config import embedded, outside, shop_settings
from config.core import policies
from config.keys import development_keys, unsafe_keys
from config.navigation import UNFOLD  # noqa: F401
from config.operations.logs import logging_config

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()
env.read_env(BASE_DIR / ".env")

DEBUG = env.bool("DEBUG", default=True)
PROFILE = os.environ.get("MALL_EMBEDDED_PROFILE", "run")

if DEBUG:
    _keys = development_keys(BASE_DIR / "var")
    SECRET_KEY = env.str("SECRET_KEY", default=_keys["SECRET_KEY"])
    _encryption = env.str("ENCRYPTION_KEYS", default=_keys["ENCRYPTION_KEYS"])
    BLIND_INDEX_KEY = env.str("BLIND_INDEX_KEY", default=_keys["BLIND_INDEX_KEY"])
else:
    SECRET_KEY = env.str("SECRET_KEY")
    _encryption = env.str("ENCRYPTION_KEYS")
    BLIND_INDEX_KEY = env.str("BLIND_INDEX_KEY")
# "name:base64,name:base64": the first seals, all open.
ENCRYPTION_KEYS = [tuple(pair.split(":", 1)) for pair in _encryption.split(",")]
if not DEBUG and (
    _unsafe := unsafe_keys(secret_key=SECRET_KEY, encryption_keys=ENCRYPTION_KEYS, blind_index_key=BLIND_INDEX_KEY)
):
    raise ImproperlyConfigured(f"these can be guessed or are no 32 bytes in Base64: {', '.join(_unsafe)}")

ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["*"] if DEBUG else [])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
TRUSTED_PROXIES = env.list("TRUSTED_PROXIES", default=[])

SHOP_NAME = env.str("SHOP_NAME", default="云杉会员商城")
SHOP_BRAND_COLOR = env.str("SHOP_BRAND_COLOR", default="")
SMS_SENDER = env.str("SMS_SENDER", default="console")
PUBLIC_URL = env.str("PUBLIC_URL", default="").rstrip("/")  # in front of links in e-mails and messages
globals().update(env.email_url("EMAIL_URL", default="consolemail://" if DEBUG else "dummymail://"))
DEFAULT_FROM_EMAIL = env.str("EMAIL_FROM", default="shop@localhost")
EMAIL_TIMEOUT = 10
EMAIL_IS_ON = DEBUG or bool(env.str("EMAIL_URL", default=""))
SMS_ACCOUNT = outside.text_account(env, sender=SMS_SENDER)
WECHAT = outside.wechat(env)
SANDBOX_CASHIER = env.bool("SANDBOX_CASHIER", default=DEBUG)
DEV_INBOX = env.bool("DEV_INBOX", default=DEBUG)
POLICIES = policies.from_environment(os.environ)
SHELF_SECONDS = env.int("SHELF_SECONDS", default=5)  # how long what many see alike is kept by a process

if not DEBUG and (SMS_SENDER == "console" or SANDBOX_CASHIER or DEV_INBOX):
    raise ImproperlyConfigured("with DEBUG off the console sender, the sandbox cashier and the dev inbox are refused")

INSTALLED_APPS = [
    "unfold.apps.BasicAppConfig",  # the other config would put its own site in place of ours
    "unfold.contrib.filters",
    "unfold.contrib.forms",
    "unfold.contrib.inlines",
    "unfold.contrib.import_export",
    "config.admin_site.MallAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django.contrib.postgres",
    "import_export",
    "django_htmx",
    "django_filters",
    "rest_framework",
    "knox",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "csp",
    "config.admin_site.LockOutConfig",
    "config.admin_site.SettingsConfig",
    "simple_history",
    "config.core",
    "config.outbox",
    "config.operations",
    "config.back_office",
    "points",
    "members",
    "mall",
    "campaigns",
    "analytics",
    "config.demo",
]

MIDDLEWARE = [
    "config.operations.doors.OperationsDoors",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "config.operations.request_log.RequestsMiddleware",
    "config.content_policy.ContentPolicyMiddleware",
    "config.page_caching.PageCachingMiddleware",
    "config.operations.request_limits.RequestLimitMiddleware",
    "config.operations.request_limits.BodyLimitMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "members.h5.touches.TouchMiddleware",
    "config.refusals.DomainErrorMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "mall.h5.chrome.chrome",
            ],
        },
    },
]

DATABASES = {"default": env.db_url_config(env.str("DATABASE_URL", default="") or embedded.database_url(PROFILE))}
DATABASES["default"]["ENGINE"] = "config.database"
DATABASES["default"]["CONN_MAX_AGE"] = env.int("DATABASE_CONN_MAX_AGE", default=60)
DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
DATABASES["default"].setdefault("OPTIONS", {}).setdefault("connect_timeout", 5)
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = env.str("REDIS_URL", default="") or embedded.redis_url(PROFILE)
CACHES = {
    "default": {
        "BACKEND": "config.core.cache.RedisCache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": env.str("CACHE_PREFIX", default="mall"),
        "OPTIONS": {"serializer": "config.core.cache.JsonSerializer"},
    }
}

AUTH_USER_MODEL = "members.User"
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "members.sign_in_backend.MemberBackend"]
LOGIN_URL = "members:login"
SESSION_ENGINE = "config.sessions"
SESSION_COOKIE_AGE = 60 * 60 * 24 * 30
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = not DEBUG
SECURE_SSL_REDIRECT = env.bool("SECURE_SSL_REDIRECT", default=not DEBUG)
SECURE_HSTS_SECONDS = env.int("SECURE_HSTS_SECONDS", default=0 if DEBUG else 31536000)
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = not DEBUG
SECURE_REFERRER_POLICY = "same-origin"
# A trusted proxy ends TLS and says so; it must overwrite the header, as deploy/nginx.conf does.
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if TRUSTED_PROXIES else None
PERMISSIONS_POLICY = "browsing-topics=(), camera=(), geolocation=(), microphone=(), payment=(), usb=()"
PAGE_POSTS_PER_MINUTE = env.int("PAGE_POSTS_PER_MINUTE", default=300)  # from one address; 0: no limit
X_FRAME_OPTIONS = "DENY"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]

# ── who guesses staff passwords: config/lock_out.py ──
AXES_HANDLER = "config.lock_out.BackOfficeLockOut"
AXES_ONLY_ADMIN_SITE = True
AXES_FAILURE_LIMIT = env.int("STAFF_LOGIN_FAILURES", default=5)
AXES_COOLOFF_TIME = timedelta(minutes=env.int("STAFF_LOCK_OUT_MINUTES", default=15))
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]  # nobody can lock the owner out from elsewhere
AXES_CLIENT_IP_CALLABLE = "config.lock_out.address"
AXES_RESET_ON_SUCCESS = True
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False  # knocking on does not prolong it
AXES_DISABLE_ACCESS_LOG = True
AXES_ENABLE_ADMIN = False  # members/admin/lock_outs.py is its page
AXES_VERBOSE = False
AXES_SENSITIVE_PARAMETERS = ["username", "ip_address", "code"]  # never kept beside a failed try
SILENCED_SYSTEM_CHECKS = ["axes.W002"]  # the back office answers by itself; no middleware runs on the pages of members

# ── what merchants set for themselves: config/settings_page.py ──
STORED_SETTINGS = True
CONSTANCE_BACKEND = "constance.backends.database.DatabaseBackend"
CONSTANCE_CONFIG = shop_settings.values(given=POLICIES, shop_name=SHOP_NAME, brand_color=SHOP_BRAND_COLOR)
CONSTANCE_CONFIG_FIELDSETS = shop_settings.groups()
CONSTANCE_ADDITIONAL_FIELDS = shop_settings.form_fields()

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "简体中文")]
LOCALE_PATHS = [BASE_DIR / "config" / "unfold_locale"]  # what Unfold itself does not translate
TIME_ZONE = "Asia/Shanghai"
USE_I18N = True
USE_TZ = True

STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / "var" / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
MEDIA_URL = "/media/"
MEDIA_ROOT = Path(env.str("MEDIA_ROOT", default=str(BASE_DIR / "var" / "media")))
PRIVATE_ROOT = Path(env.str("PRIVATE_ROOT", default=str(BASE_DIR / "var" / "private")))  # served by nobody
SERVE_MEDIA = env.bool("SERVE_MEDIA", default=DEBUG)  # otherwise the web server in front does
WHITENOISE_USE_FINDERS = DEBUG
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "style-src": ["'self'"],
        "style-src-attr": ["'unsafe-inline'"],
        "img-src": ["'self'", "data:"],
        "object-src": ["'none'"],
        "base-uri": ["'self'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
    },
}
# Under /admin/: Alpine evaluates the expressions in Unfold's markup, its charts and editors set styles.
BACK_OFFICE_CONTENT_POLICY = {
    "default-src": ["'self'"],
    "script-src": ["'self'", "'unsafe-eval'"],
    "style-src": ["'self'", "'unsafe-inline'"],
    "img-src": ["'self'", "data:", "blob:"],
    "object-src": ["'none'"],
    "base-uri": ["'self'"],
    "form-action": ["'self'"],
    "frame-ancestors": ["'none'"],
}

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["members.api.auth.MemberTokenAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["members.api.auth.IsMember"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["config.core.json_body.BoundedJSONParser"],
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
    "DEFAULT_SCHEMA_CLASS": "config.core.openapi.ApiSchema",
    "DEFAULT_METADATA_CLASS": None,  # the schema describes the calls; OPTIONS is answered 405
    "EXCEPTION_HANDLER": "config.refusals.api_exception_handler",
    "DEFAULT_THROTTLE_CLASSES": ["members.api.throttles.CallThrottle"],
    "UNAUTHENTICATED_USER": None,
}
# How often one caller may call the API; 0: no limit. Behind one address of a mobile network stand many visitors.
API_CALLS_PER_MINUTE = {
    "visitor": env.int("API_VISITOR_CALLS_PER_MINUTE", default=600),
    "member": env.int("API_MEMBER_CALLS_PER_MINUTE", default=300),
    "sign_in": env.int("API_SIGN_IN_CALLS_PER_MINUTE", default=30),
    "placing": env.int("API_ORDERS_PER_MINUTE", default=20),
}
KNOX_TOKEN_MODEL = "knox.AuthToken"  # noqa: S105 (a model; migrations ask for it by this name)
# A token lives 30 days from its last use, half a year at most; only its hash is stored.
REST_KNOX = {
    "AUTH_HEADER_PREFIX": "Bearer",
    "TOKEN_TTL": timedelta(days=30),
    "AUTO_REFRESH": True,
    "AUTO_REFRESH_MAX_TTL": timedelta(days=180),
    "MIN_REFRESH_INTERVAL": 60 * 60 * 24,
}
SPECTACULAR_SETTINGS = {
    "TITLE": f"{SHOP_NAME} API",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "SWAGGER_UI_SETTINGS": {"deepLinking": True, "validatorUrl": None},  # the validator is a site of others
    "PATH_CONVERTER_OVERRIDES": {"id": int, "number": str},
    "ENUM_NAME_OVERRIDES": {
        "OrderKind": "mall.models.Order.Kind",
        "OrderStatus": "mall.models.Order.Status",
        "DayState": "campaigns.api.outputs.DAY_STATES",
    },
    "TAGS": [
        {"name": "登录", "description": "手机号与验证码换令牌；令牌放在 `Authorization: Bearer` 里。"},
        {"name": "页面", "description": "商家装修的首页与会员中心，由组件组成。"},
        {"name": "商品", "description": "分类、列表与详情。可带 ETag 条件请求。"},
        {"name": "购物车", "description": "每次修改都返回改后的购物车。"},
        {"name": "结算", "description": "下单前的试算。"},
        {"name": "订单", "description": "下单、查询、取消与确认收货。"},
        {"name": "支付", "description": "收银台与支付单。"},
        {"name": "会员", "description": "资料、等级、权益与成长值。"},
        {"name": "积分", "description": "明细、批次与每一笔的由来。"},
        {"name": "积分商城", "description": "用积分（和现金）兑换的商品。"},
        {"name": "签到", "description": "每天一次。"},
        {"name": "隐私", "description": "隐私政策、数据副本与注销账号。"},
        {"name": "收货地址", "description": "地址簿与行政区划。"},
    ],
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "config.core.openapi_examples.with_examples",
    ],
    "SCHEMA_PATH_PREFIX": r"/api/v1",
}

CELERY_BROKER_URL = embedded.broker_url(REDIS_URL)
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_TIME_LIMIT = 600
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TIMEZONE = TIME_ZONE
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
# A dead broker is noticed at once: facts wait in the outbox, so no request has to wait for it.
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "max_retries": 1,
    "interval_start": 0,
    "interval_step": 0,
    "socket_connect_timeout": 2,
}
CELERY_TASK_DEFAULT_QUEUE = env.str("CELERY_QUEUE", default="mall")

LOGIN_REDIRECT_URL = reverse_lazy("mall:home")

# ── what whoever runs the shop sees: docs/operations.md ──
LOGGING = logging_config(
    is_for_people=DEBUG,
    level=env.str("LOG_LEVEL", default="INFO"),
    with_error_text=env.bool("LOG_ERROR_TEXT", default=DEBUG),
)
LOG_REQUESTS = env.bool("LOG_REQUESTS", default=True)
METRICS_TOKEN = env.str("METRICS_TOKEN", default="")
METRICS_ALLOWED = env.list("METRICS_ALLOWED", default=["127.0.0.0/8", "::1"] if DEBUG else [])
HEARTBEAT_MAX_SECONDS = 120
