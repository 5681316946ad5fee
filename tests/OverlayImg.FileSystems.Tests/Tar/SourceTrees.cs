namespace OverlayImg.FileSystems.Tests.Tar;

/// <summary>Bash scripts that create files of every type in the current directory.</summary>
internal static class SourceTrees
{
    /// <summary>Creates every type, mode, link and name length that affects a header.</summary>
    public const string Everything = """
        umask 022
        long() { printf "%0${1}d" 0 | tr 0 "${2:-x}"; }
        echo hello > f; ln f g; ln -s f l; ln -s /abs/olute abs; mkdir empty; mkdir -p deep/a/b/c/d; echo 1 > deep/a/b/c/d/e
        mknod null c 1 3; mknod sda b 8 0; mknod big c 4095 1048575; mkfifo pipe; ln null null2; ln pipe pipe2; ln -P l l2
        : > nothing; for size in 511 512 513 3000000; do head -c $size /dev/urandom > r$size; done
        echo s > suid; chmod 4755 suid; echo s > sgid; chmod 2711 sgid; mkdir sticky; chmod 1777 sticky; echo n > none; chmod 0 none
        # With "./" before them these are the lengths around the hundred bytes of the name field.
        for n in 96 97 98 99 100 101 153 154 155 200 254 255; do echo $n > $(long $n); mkdir $(long $n d | cut -c1-$n); ln -s $(long $n t) s$n; done
        mkdir -p $(long 200 p)/$(long 200 q)/$(long 200 r)/$(long 200 s)/$(long 180 u)
        echo x > $(long 200 p)/$(long 200 q)/$(long 200 r)/$(long 200 s)/$(long 180 u)/f
        ln $(long 200 p)/$(long 200 q)/$(long 200 r)/$(long 200 s)/$(long 180 u)/f zlink; ln $(long 101) zlink101; ln $(long 98) zlink98
        ln -s $(long 1000 t) s1000; ln -s $(long 99 t)/ sslash
        echo o > owned; chown 1234:5678 owned; echo o > large; chown 2097151:2097152 large; echo o > larger; chown 4294967294:4294967294 larger
        touch -- -dash 'a space' $'new\nline' $'\xff\xfe' 'ünïcode' '*' 'back\slash' '"quote'; mkdir -- '-d'; touch -- '-d/x'
        for time in 0 -1 -86400.5 8589934591 8589934592 1234567890.123456789; do touch -d @$time t$time; done
        """;

    /// <summary>Creates extended attributes of files, links, directories and devices, with binary values and unusual names.</summary>
    public const string Attributes = """
        echo x > plain; echo x > f; mkdir d; ln -s f l; echo y > cap; mknod n c 1 3
        setfattr -n user.text -v value f; setfattr -n user.binary -v 0x00ff0a3d8081 f; setfattr -n 'user.a=b%c' -v v f; setfattr -n user.empty f
        setfattr -n user.dir -v value d; setfattr -h -n trusted.link -v value l; setfattr -n trusted.overlay.opaque -v y d
        setcap cap_net_raw,cap_setuid=ep cap; setfacl -m u:1000:rwx,d:u:1000:r d; setfacl -m g:7:x f
        long=$(printf '%0250d' 0); echo z > $long; setfattr -n user.long -v v $long; chown 3000000:3000001 $long
        ln f f2
        """;
}
