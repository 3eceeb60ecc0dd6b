# A site on django-allauth: the printed files beside it, and two pages.
import sys

import django
from django.conf import settings

import soglia_settings

APPS = ['django.contrib.auth', 'django.contrib.contenttypes', 'django.contrib.sessions', 'django.contrib.messages',
        'allauth', 'allauth.account', 'allauth.socialaccount', 'allauth.socialaccount.providers.openid_connect']
settings.configure(
    SECRET_KEY='x' * 50, ALLOWED_HOSTS=['*'], ROOT_URLCONF='__main__', INSTALLED_APPS=APPS, USE_TZ=True,
    DATABASES={'default': {'ENGINE': 'django.db.backends.sqlite3', 'NAME': 'site.sqlite'}},
    MIDDLEWARE=['django.contrib.sessions.middleware.SessionMiddleware', 'django.contrib.auth.middleware.AuthenticationMiddleware',
                'django.contrib.messages.middleware.MessageMiddleware', 'allauth.account.middleware.AccountMiddleware'],
    TEMPLATES=[{'BACKEND': 'django.template.backends.django.DjangoTemplates', 'APP_DIRS': True, 'OPTIONS': {'context_processors': [
        'django.template.context_processors.request', 'django.contrib.auth.context_processors.auth',
        'django.contrib.messages.context_processors.messages']}}],
    AUTHENTICATION_BACKENDS=['allauth.account.auth_backends.AuthenticationBackend'], ACCOUNT_EMAIL_VERIFICATION='none',
    SOCIALACCOUNT_LOGIN_ON_GET=True, SECURE_PROXY_SSL_HEADER=('HTTP_X_FORWARDED_PROTO', 'https'),
    SOCIALACCOUNT_PROVIDERS=soglia_settings.SOCIALACCOUNT_PROVIDERS,
)
django.setup()

from django.core.management import call_command  # noqa: E402
from django.http import HttpResponse  # noqa: E402
from django.urls import include, path  # noqa: E402

import soglia_level  # noqa: E402


def who(request):
    return HttpResponse(request.user.get_username() or 'nobody')


urlpatterns = [path('accounts/', include('allauth.urls')), path('', who), path('billing', soglia_level.stepped_up(who))]

if __name__ == '__main__':
    call_command('migrate', verbosity=0)
    call_command('runserver', sys.argv[1], use_reloader=False)
