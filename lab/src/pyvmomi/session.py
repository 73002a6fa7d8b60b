"""Signing in with VMware's own Python client, and waiting for its tasks. Where and who: the environment."""

import os
import ssl

from pyVim.connect import SmartConnect
from pyVmomi import vim, vmodl


def connect():
    context = ssl.create_default_context(cafile=os.environ["PYVMOMI_CERTIFICATE"])
    context.verify_flags &= ~getattr(ssl, "VERIFY_X509_STRICT", 0)
    return SmartConnect(
        host=os.environ["PYVMOMI_ADDRESS"],
        port=int(os.environ["PYVMOMI_PORT"]),
        user=os.environ["PYVMOMI_USER"],
        pwd=os.environ["PYVMOMI_PASSWORD"],
        sslContext=context,
    )


def wait(content, task):
    """Waits by updates of the task's state. Not pyVim's WaitForTask: it insists on info.name, which vcsim makes up."""
    collector = content.propertyCollector
    watched = collector.CreateFilter(
        vmodl.query.PropertyCollector.FilterSpec(
            propSet=[vmodl.query.PropertyCollector.PropertySpec(type=vim.Task, pathSet=["info.state"])],
            objectSet=[vmodl.query.PropertyCollector.ObjectSpec(obj=task)],
        ),
        True,
    )
    version, state = "", None
    while state not in ("success", "error"):
        options = vmodl.query.PropertyCollector.WaitOptions(maxWaitSeconds=30)
        updates = collector.WaitForUpdatesEx(version, options)
        if updates is None:
            raise TimeoutError(f"{task} is still {state}")
        version = updates.version
        for update in (o for f in updates.filterSet for o in f.objectSet):
            for change in update.changeSet:
                state = change.val if state not in ("success", "error") else state
    watched.Destroy()
    if state == "error":
        raise task.info.error
    return state


def entities(content):
    view = content.viewManager.CreateContainerView(content.rootFolder, [vim.ManagedEntity], True)
    found = list(view.view)
    view.Destroy()
    return [content.rootFolder, *found]
