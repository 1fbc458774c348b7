#!/bin/sh
# Process 1 of the machine: ksmbd with one user and one share, on the address that qemu forwards to.
export PATH=/bin:/sbin:/usr/sbin
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t devtmpfs dev /dev
# Built in from 6.12 on.
modprobe virtio_pci 2>/dev/null
modprobe virtio_net
ifconfig lo 127.0.0.1 up
ifconfig eth0 10.0.2.15 netmask 255.255.255.0 up
route add default gw 10.0.2.2
cat >/etc/ksmbd/ksmbd.conf <<'CONF'
[global]
netbios name = KSMBD
map to guest = never
[files]
path = /srv
read only = no
CONF
modprobe ksmbd
ksmbd.adduser -a -p 'Adm1n-Passw0rd' admin
ksmbd.mountd -n
echo "ksmbd.mountd has ended"
sleep 1000
