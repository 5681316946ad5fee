# Runs in the guest's root: gives dockertools-steps.sh a Debian with its programs, and a directory on the guest's ext4 disk.
mkdir bench
mkdir -p mnt/bench mnt/dev mnt/proc mnt/sys
mount -o bind bench mnt/bench
mount -o bind /dev mnt/dev
mount -t proc proc mnt/proc
mount -t sysfs sys mnt/sys
printf "%s\n" "$STEPS" >bench/steps.sh
status=0
chroot mnt /bin/bash /bench/steps.sh || status=$?
umount mnt/sys mnt/proc mnt/dev
cp bench/layer.tar out/
umount mnt/bench
rm -rf bench
exit $status
