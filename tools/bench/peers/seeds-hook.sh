# Runs in the guest's root: hands the seeds' steps a Debian with their programs, and a directory of the guest's ext4 disk to work in.
mkdir seed
mkdir -p mnt/seed mnt/dev mnt/proc mnt/sys
mount -o bind seed mnt/seed
mount -o bind /dev mnt/dev
mount -t proc proc mnt/proc
mount -t sysfs sys mnt/sys
printf "%s\n" "$STEPS" >seed/steps.sh
status=0
chroot mnt /bin/bash /seed/steps.sh || status=$?
umount mnt/sys mnt/proc mnt/dev
cp seed/layer.tar out/
umount mnt/seed
rm -rf seed
exit $status
