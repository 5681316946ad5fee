using OverlayImg.Builders.Tests.Contents;
using OverlayImg.Testing;

namespace OverlayImg.Builders.Tests.PureLayers;

/// <summary>The contents and options of a layer that dockerTools' commands and the tool make for comparison.</summary>
/// <param name="Name">The special property of the contents.</param>
/// <param name="Script">Makes some of the directories <c>a</c>, <c>b</c>, <c>c</c>, which are merged in this order.</param>
internal sealed record SeedTree(string Name, string Script)
{
    public bool KeepLinks { get; init; }

    public uint Uid { get; init; }

    public uint Gid { get; init; }

    public long Time { get; init; } = 1;

    public string? ExtraCommands { get; init; }

    /// <summary>The seed of random items that are made before the script runs; null makes no random items.</summary>
    public int? Seed { get; init; }

    /// <summary>Makes the items and returns the names of those that exist.</summary>
    public async Task<string[]> MakeAsync(TemporaryDirectory directory)
    {
        if (Seed is { } seed)
        {
            foreach (var (item, index) in new[] { "a", "b", "c" }.Select((item, index) => (item, index)))
                new RandomContents(seed + 100 * index, links: 0, modes: true, fileSuffix: ".f").Make(directory[item]);
        }

        await Tool.BashAsync(Script, directory.Path);
        return [.. new[] { "a", "b", "c" }.Where(item => Directory.Exists(directory[item]))];
    }

    public static IEnumerable<SeedTree> All =>
    [
        new("no contents at all", ""),
        new("an empty directory that only its owner may enter", "mkdir -m 0700 a"),
        new("a root that nobody may write to", "mkdir a; echo x > a/file; chmod 0555 a"),
        new("a root with set-group-ID and sticky bit", "mkdir a; chmod 3775 a; mkdir b; echo x > b/x"),
        new("deep", "p=a; for i in $(seq 150); do p=$p/d$i; done; mkdir -p $p; echo bottom > $p/file"),
        new("wide", "mkdir a; cd a; for i in $(seq 2000 -1 1); do echo $i > file-$i; done"),
        new("long names", """
            mkdir a; cd a
            for n in 98 99 100 101 150 253 255; do n=$(printf "%${n}s" | tr ' ' n); echo x > $n; done
            for n in 97 98 99 100 254; do n=$(printf "%${n}s" | tr ' ' d); mkdir $n; echo x > $n/f; ln -s f $n/l; done
            """),
        new("paths of more than 255 bytes", """
            mkdir a; cd a; n=$(printf '%120s' | tr ' ' p); mkdir -p $n/$n/$n; echo x > $n/$n/$n/$n; ln -s $n/$n/$n/$n link; ln $n/$n/$n/$n $n/$n/hard
            """),
        new("link targets of about a hundred bytes and many more", """
            mkdir a; cd a; for n in 1 99 100 101 156 4000; do ln -s $(printf "%${n}s" | tr ' ' t) to-$n; done
            """),
        new("odd names", """
            mkdir a; cd a
            for n in 'a b' " lead" 'trail ' "quo'te" 'dou"ble' $'new\nline' $'tab\t' '-dash' '--checkpoint-action=exec=false' 'back\slash' \
                '$HOME' '*' '?' '#' ';' '~' '`' '&'; do
              echo "$n" > "./$n"
            done
            mkdir './-C' './..x' './...'; echo x > './-C/x'; ln -s './-C' 'lin k'
            """),
        new("names that are no UTF-8", """mkdir a; cd a; for n in $'\xff' $'a\xc3' $'\xe4\xf6\xfc' $'\x01\x7f' ä 日本; """ +
            """do echo x > "$n"; mkdir "d$n"; echo y > "d$n/$n"; done"""),
        new("names that sort differently in other locales",
            "mkdir a; cd a; for n in a B c A b C _ 1 a.b a-b ab 'a b' A-b Z z é; do echo x > \"$n\"; mkdir \"$n.d\"; done"),
        new("hard links", "mkdir a a/d; echo one > a/x; ln a/x a/y; ln a/x a/d/z; ln -s x a/s; ln a/s a/t"),
        new("hard links between items", "mkdir a b; echo one > a/x; ln a/x b/y; ln a/x b/z"),
        new("links to directories become directories",
            "mkdir -p a/real/sub; echo x > a/real/f; ln -s real a/link; ln -s real/sub a/link2; ln -s ../real/f a/real/sub/file"),
        new("links to directories stay links",
            "mkdir -p a/real/sub; echo x > a/real/f; ln -s real a/link; ln -s / a/root; ln -s real/sub a/link2") { KeepLinks = true },
        new("dangling, absolute and looping links",
            "mkdir a; cd a; ln -s nowhere d; ln -s /no/such/place e; ln -s loop loop; ln -s '' x 2>/dev/null || true; ln -s ./././f g"),
        new("modes", """
            mkdir a; cd a
            for m in 0000 0400 0111 0644 0777 1644 2755 4755 6755 7777; do
              echo $m > f$m; chmod $m f$m; mkdir d$m; echo x > d$m/in; chmod $m d$m
            done
            """),
        new("empty files and directories", "mkdir -p a/x/y/z a/b; touch a/b/1 a/b/2 a/x/3"),
        new("sizes around tar's blocks and records", "mkdir a; cd a; for n in 1 511 512 513 1023 1024 9728 10239 10240 10241 1048576 1048577; " +
            "do head -c $n /dev/urandom > s$n; done"),
        new("a sparse file", "mkdir a; truncate -s 40M a/hole; echo x | dd of=a/hole bs=1 seek=20000000 conv=notrunc status=none"),
        new("items that overlap", """
            mkdir -p a/d b/d/e c/d; echo 1 > a/d/f; echo 22 > b/d/f; echo 333 > c/d/f; echo only-a > a/only; echo x > b/d/e/x
            chmod 700 a/d; chmod 750 b/d; chmod 777 c/d
            ln -s f a/d/l; echo file > b/d/l; echo b > b/kind; ln -s only c/kind; mkdir -p a/empty; echo now-a-file > c/empty
            """),
        new("another owner", "mkdir a; echo x > a/f; ln -s f a/l; mkdir a/d; chown 33:44 a/f") { Uid = 12345, Gid = 54321 },
        new("an owner beyond seven octal digits", "mkdir a; echo x > a/f") { Uid = 3_000_000, Gid = 4_294_967_000 },
        new("an owner without the group", "mkdir a; echo x > a/f") { Uid = 12345 },
        new("devices and a pipe", "mkdir a; mknod a/null c 1 3; mknod a/sda b 8 0; mknod a/big c 300 70000; mkfifo -m 0640 a/pipe"),
        new("a time of zero", "mkdir a; echo x > a/f") { Time = 0 },
        new("a time beyond eleven octal digits", "mkdir a; echo x > a/f") { Time = 8_589_934_592 },
        new("attributes that tar was not told to keep", "mkdir a; echo x > a/f; setfattr -n user.mime -v text a/f; setcap cap_net_raw+ep a/f"),
        new("extra commands without contents", "")
        {
            ExtraCommands = "mkdir -p etc/sub; echo \"$SOURCE_DATE_EPOCH\" > etc/epoch; date -d @0 +%c > etc/date; umask > etc/umask; " +
                "ln -s epoch etc/link",
        },
        new("extra commands that change everything", """
            mkdir -p a/bin a/ro; echo x > a/bin/x; chmod 4755 a/bin/x; echo y > a/bin/y; ln -s y a/bin/l
            echo r > a/ro/f; chmod 0555 a/ro; mkfifo a/pipe; echo d > a/dead
            """)
        {
            ExtraCommands = "rm dead; mv bin/y bin/z; echo more >> bin/x; chmod 0 bin/z; ln bin/z bin/zz; chmod u+w ro; echo n > ro/n; " +
                "mkdir -m 1777 tmp; rm bin/l; ln -s zz bin/l; mkdir -m 0 none; chmod 711 .; touch $'odd\\xff'",
        },
        new("extra commands on read-only directories", "mkdir -p a/d; echo x > a/d/f; chmod 0555 a/d")
        {
            ExtraCommands = "ls d > listing",
            Uid = 12345,
            Gid = 54321,
        },
        .. Enumerable.Range(1, 10).Select(seed => new SeedTree($"random {seed}", "") { Seed = seed }),
    ];
}
