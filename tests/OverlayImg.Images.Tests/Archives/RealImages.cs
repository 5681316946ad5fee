using OverlayImg.Testing;

namespace OverlayImg.Images.Tests;

/// <summary>
/// An image of two layers that buildah makes, saved by several programs, and the listing of buildah's mount of the
/// image.
/// </summary>
public sealed class RealImages : IAsyncLifetime
{
    private readonly TemporaryDirectory _directory = new();

    public string this[string name] => _directory[name];

    public string[] Expected { get; private set; } = [];

    public async ValueTask InitializeAsync()
    {
        await Tool.BashAsync("""
            storage="--storage-driver=vfs --root $PWD/store --runroot $PWD/run"
            b="buildah $storage"
            begin() { c=$($b from --pull=never $1); m=$($b mount $c); }
            end() { $b umount $c > /dev/null; $b commit -q --format docker --timestamp 1000 $c $1 > /dev/null; $b rm $c > /dev/null; }
            begin scratch
            mkdir -p $m/etc $m/gone/deep $m/remade $m/tofile; echo a > $m/etc/a; ln $m/etc/a $m/etc/b
            echo x > $m/gone/deep/x; echo y > $m/remade/y; echo z > $m/tofile/z
            ln -s etc $m/link; chown 7:8 $m/etc/a; setfattr -n user.k -v v $m/etc/a; chmod 1777 $m/etc
            end one
            begin localhost/one
            rm -r $m/gone $m/remade $m/tofile; mkdir $m/remade; echo new > $m/remade/n; echo f > $m/tofile
            rm $m/link; mkdir $m/link; mknod $m/null c 1 3; mkfifo $m/p
            setcap cap_net_raw+ep $m/tofile; mkdir -p $m/a/b/c; chmod 700 $m/a/b
            end two
            $b push -q localhost/two docker-archive:buildah.tar:two:t
            podman $storage --tmpdir $PWD/tmp save -q --format docker-archive -o podman.tar localhost/two
            podman $storage --tmpdir $PWD/tmp save -q --format oci-archive -o podman-oci.tar localhost/two
            podman $storage --tmpdir $PWD/tmp save -q -m -o podman-several.tar localhost/two localhost/one
            skopeo --insecure-policy copy -q docker-archive:buildah.tar docker-archive:skopeo.tar:x/y:z
            skopeo --insecure-policy copy -q docker-archive:buildah.tar oci-archive:skopeo-oci.tar:tagged
            skopeo --insecure-policy copy -q --dest-compress-format zstd docker-archive:buildah.tar oci:zstd:tagged
            tar -C zstd -cf skopeo-zstd.tar .
            """, _directory.Path);
        await SaveByDockerAsync();
        var mount = await Tool.BashAsync("b=\"buildah --storage-driver=vfs --root $PWD/store --runroot $PWD/run\"; " +
            "$b mount $($b from --pull=never localhost/two)", _directory.Path);
        Expected = await DirectoryListing.OfAsync(mount.Trim());
        await Tool.BashAsync("b=\"buildah --storage-driver=vfs --root $PWD/store --runroot $PWD/run\"; " +
            "$b umount -a > /dev/null; $b rm -a > /dev/null", _directory.Path);
    }

    public ValueTask DisposeAsync()
    {
        _directory.Dispose();
        return ValueTask.CompletedTask;
    }

    private Task<string> SaveByDockerAsync() => Tool.BashAsync("""
        dockerd --iptables=false --bridge=none --storage-driver=vfs --data-root $PWD/docker --exec-root $PWD/exec --pidfile $PWD/pid \
            -H unix://$PWD/sock > log 2>&1 &
        daemon=$!
        trap 'kill $daemon; wait $daemon || true' EXIT
        d="docker -H unix://$PWD/sock"
        for try in $(seq 120); do $d version > /dev/null 2>&1 && break; sleep 0.5; done
        $d load -q -i buildah.tar > /dev/null
        $d save -o docker.tar two:t
        """, _directory.Path);
}
