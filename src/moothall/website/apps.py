from django.apps import AppConfig


class WebsiteConfig(AppConfig):
    name = "moothall.website"
    label = "website"
