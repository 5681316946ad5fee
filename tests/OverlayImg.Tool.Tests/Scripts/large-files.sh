# Runs as root in an empty image. Makes a file larger than 2 GiB and a sparse file.
mkdir t
cd t
# Data, then allocated blocks that were never written, then data.
dd if=/dev/zero of=large bs=64M count=1 2> /dev/null
fallocate -o 64M -l 1984M large
printf tail >> large
printf head | dd of=large conv=notrunc 2> /dev/null
truncate -s 256M sparse
printf middle | dd of=sparse bs=1 seek=123456789 conv=notrunc 2> /dev/null
printf end | dd of=sparse bs=1 seek=$((256 * 1024 * 1024 - 3)) conv=notrunc 2> /dev/null
