from django.apps import AppConfig


class DeskConfig(AppConfig):
    name = "moothall.desk"
    label = "desk"
