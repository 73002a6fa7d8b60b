"""One action of an operator with VMware's own Python client: the first argument names it, the second is a JSON object of
its parameters, and what it has to tell is printed as JSON. The entities are found by name, as people do."""

import json
import sys
import time

from pyVim.connect import Disconnect
from pyVmomi import vim

from session import connect, entities, wait


class Operator:
    def __init__(self, content):
        self.content = content

    def find(self, kind, name):
        found = [entity for entity in entities(self.content) if isinstance(entity, kind) and entity.name == name]
        if len(found) != 1:
            raise LookupError(f"{len(found)} objects of {kind.__name__} are named {name}")
        return found[0]

    def done(self, task):
        wait(self.content, task)
        return task.info.result

    def list(self):
        """Every entity with its type and the names above it."""

        def path(entity):
            return (path(entity.parent) if entity.parent else "") + "/" + entity.name

        return [{"type": entity._wsdlName, "path": path(entity)} for entity in entities(self.content)]

    def port_group(self, switch, name, vlan):
        vlan_spec = vim.dvs.VmwareDistributedVirtualSwitch.VlanIdSpec(vlanId=vlan, inherited=False)
        setting = vim.dvs.VmwareDistributedVirtualSwitch.VmwarePortConfigPolicy(vlan=vlan_spec)
        spec = vim.dvs.DistributedVirtualPortgroup.ConfigSpec(name=name, type="earlyBinding", defaultPortConfig=setting)
        self.done(self.find(vim.DistributedVirtualSwitch, switch).AddDVPortgroup_Task([spec]))

    def clone(self, template, name, folder, cluster, datastore, network, mac):
        """A clone whose first card has a static MAC on another network before it ever runs."""
        source = self.find(vim.VirtualMachine, template)
        group = self.find(vim.dvs.DistributedVirtualPortgroup, network)
        card = next(d for d in source.config.hardware.device if isinstance(d, vim.vm.device.VirtualEthernetCard))
        card.addressType, card.macAddress = "manual", mac
        card.backing = vim.vm.device.VirtualEthernetCard.DistributedVirtualPortBackingInfo(
            port=vim.dvs.PortConnection(
                switchUuid=group.config.distributedVirtualSwitch.uuid, portgroupKey=group.key
            )
        )
        change = vim.vm.device.VirtualDeviceSpec(operation="edit", device=card)
        location = vim.vm.RelocateSpec(
            pool=self.find(vim.ClusterComputeResource, cluster).resourcePool,
            datastore=self.find(vim.Datastore, datastore),
        )
        spec = vim.vm.CloneSpec(
            location=location, template=False, powerOn=False, config=vim.vm.ConfigSpec(deviceChange=[change])
        )
        made = self.done(source.CloneVM_Task(self.find(vim.Folder, folder), name, spec))
        return self.cards(made.name)

    def cards(self, name):
        devices = self.find(vim.VirtualMachine, name).config.hardware.device
        return [
            {"mac": card.macAddress, "network": self.network_of(card.backing), "addressType": card.addressType}
            for card in devices
            if isinstance(card, vim.vm.device.VirtualEthernetCard)
        ]

    def network_of(self, backing):
        if not isinstance(backing, vim.vm.device.VirtualEthernetCard.DistributedVirtualPortBackingInfo):
            return backing.deviceName
        groups = (e for e in entities(self.content) if isinstance(e, vim.dvs.DistributedVirtualPortgroup))
        return next(group.name for group in groups if group.key == backing.port.portgroupKey)

    def power_on(self, name):
        """Switches a machine on, and says that it was moved when it asks. Tells whether it did."""
        machine = self.find(vim.VirtualMachine, name)
        task = machine.PowerOnVM_Task()
        asked = []
        while task.info.state in ("queued", "running"):
            question = machine.runtime.question
            if question and question.id not in asked:
                moved = next(c for c in question.choice.choiceInfo if c.label == "button.uuid.movedTheVM")
                machine.AnswerVM(question.id, moved.key)
                asked.append(question.id)
            time.sleep(0.02)
        self.done(task)
        return {"power": machine.runtime.powerState, "hasAsked": bool(asked)}

    def mount(self, host, name, remoteHost, remotePath):
        entity = self.find(vim.HostSystem, host) if host else self.hosts()[0]
        spec = vim.host.NasVolume.Specification(
            remoteHost=remoteHost, remotePath=remotePath, localPath=name, accessMode="readWrite", type="NFS"
        )
        made = entity.configManager.datastoreSystem.CreateNasDatastore(spec)
        return {"name": made.name, "type": made.summary.type, "remotePath": made.info.nas.remotePath}

    def unmount(self, host, name):
        self.find(vim.HostSystem, host).configManager.datastoreSystem.RemoveDatastore(self.find(vim.Datastore, name))

    def hosts(self):
        return [entity for entity in entities(self.content) if isinstance(entity, vim.HostSystem)]

    def create(self, name, datastore, mac, megabytes):
        """A small machine with one disk and one card with a static MAC."""
        host = self.hosts()[0]
        controller = vim.vm.device.ParaVirtualSCSIController(key=-1, busNumber=0, sharedBus="noSharing")
        disk = vim.vm.device.VirtualDisk(
            key=-2,
            controllerKey=-1,
            unitNumber=0,
            capacityInKB=megabytes * 1024,
            backing=vim.vm.device.VirtualDisk.FlatVer2BackingInfo(
                fileName=f"[{datastore}]", diskMode="persistent", thinProvisioned=True
            ),
        )
        card = vim.vm.device.VirtualVmxnet3(
            key=-3,
            addressType="manual",
            macAddress=mac,
            backing=vim.vm.device.VirtualEthernetCard.NetworkBackingInfo(deviceName="VM Network"),
        )
        changes = [
            vim.vm.device.VirtualDeviceSpec(operation="add", device=controller),
            vim.vm.device.VirtualDeviceSpec(operation="add", fileOperation="create", device=disk),
            vim.vm.device.VirtualDeviceSpec(operation="add", device=card),
        ]
        spec = vim.vm.ConfigSpec(
            name=name,
            guestId="otherLinux64Guest",
            numCPUs=1,
            memoryMB=512,
            files=vim.vm.FileInfo(vmPathName=f"[{datastore}]"),
            deviceChange=changes,
        )
        folder = next(child for child in self.content.rootFolder.childEntity).vmFolder
        made = self.done(folder.CreateVM_Task(spec, host.parent.resourcePool))
        return made.config.files.vmPathName

    def register(self, path, name, folder, cluster, host):
        made = self.done(
            self.find(vim.Folder, folder).RegisterVM_Task(
                path=path,
                name=name,
                asTemplate=False,
                pool=self.find(vim.ClusterComputeResource, cluster).resourcePool,
                host=self.find(vim.HostSystem, host),
            )
        )
        return {"name": made.name, "path": made.config.files.vmPathName}

    def unregister(self, name):
        self.find(vim.VirtualMachine, name).UnregisterVM()

    def snapshot(self, name, snapshot):
        machine = self.find(vim.VirtualMachine, name)
        self.done(machine.CreateSnapshot_Task(snapshot, "by pyVmomi", False, False))

        def names(trees):
            return [name for tree in trees for name in (tree.name, *names(tree.childSnapshotList))]

        return names(machine.snapshot.rootSnapshotList)

    def connect_to(self, name, network):
        machine = self.find(vim.VirtualMachine, name)
        group = self.find(vim.dvs.DistributedVirtualPortgroup, network)
        card = next(d for d in machine.config.hardware.device if isinstance(d, vim.vm.device.VirtualEthernetCard))
        card.backing = vim.vm.device.VirtualEthernetCard.DistributedVirtualPortBackingInfo(
            port=vim.dvs.PortConnection(
                switchUuid=group.config.distributedVirtualSwitch.uuid, portgroupKey=group.key
            )
        )
        change = vim.vm.device.VirtualDeviceSpec(operation="edit", device=card)
        self.done(machine.ReconfigVM_Task(vim.vm.ConfigSpec(deviceChange=[change])))
        return self.cards(name)

    def relocate(self, name, datastore):
        machine = self.find(vim.VirtualMachine, name)
        spec = vim.vm.RelocateSpec(datastore=self.find(vim.Datastore, datastore))
        self.done(machine.RelocateVM_Task(spec, "defaultPriority"))
        return machine.config.files.vmPathName

    def events(self, name):
        """What happened to one machine: asked for at once, and again in pages of a collector, which must agree."""
        entity = self.find(vim.VirtualMachine, name)
        by_entity = vim.event.EventFilterSpec.ByEntity(entity=entity, recursion="self")
        spec = vim.event.EventFilterSpec(entity=by_entity)
        manager = self.content.eventManager
        asked = manager.QueryEvents(spec)
        collector = manager.CreateCollectorForEvents(spec)
        paged = list(self.pages(collector.ReadNextEvents))
        collector.SetCollectorPageSize(2)
        latest = [event.key for event in collector.latestPage]
        collector.DestroyCollector()
        if sorted(event.key for event in asked) != sorted(event.key for event in paged):
            raise AssertionError("QueryEvents and the collector tell different stories")
        if latest != sorted((event.key for event in paged), reverse=True)[:2]:
            raise AssertionError("the latest page is not the newest first")
        return [
            {
                "type": type(event).__name__.split(".")[-1],
                "vm": event.vm.name if event.vm else None,
                "user": event.userName,
                "task": event.info.descriptionId if isinstance(event, vim.event.TaskEvent) else None,
            }
            for event in sorted(paged, key=lambda event: event.key)
        ]

    def tasks(self, name):
        """What was done with one machine: its recent tasks, and those of a collector."""
        entity = self.find(vim.VirtualMachine, name)
        by_entity = vim.TaskFilterSpec.ByEntity(entity=entity, recursion="self")
        collector = self.content.taskManager.CreateCollectorForTasks(vim.TaskFilterSpec(entity=by_entity, state=["success"]))
        paged = list(self.pages(collector.ReadNextTasks))
        collector.DestroyCollector()
        recent = [task.info for task in self.content.taskManager.recentTask if task.info.entity == entity]
        told = lambda infos: [{"name": info.descriptionId, "state": info.state} for info in infos]
        return {"recent": told(recent), "collected": told(paged)}

    @staticmethod
    def pages(read):
        while page := read(3):
            yield from page


def main():
    action, parameters = sys.argv[1], json.loads(sys.argv[2])
    service = connect()
    try:
        json.dump(getattr(Operator(service.RetrieveContent()), action)(**parameters), sys.stdout)
    finally:
        Disconnect(service)


main()
