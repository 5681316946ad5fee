using OverlayImg.Testing;

namespace OverlayImg.Builders.Tests.Closures;

/// <summary>A store that a real Nix fills: five store paths that refer to each other in most of the possible ways.</summary>
public sealed class NixStore : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public NixStore() => Build().GetAwaiter().GetResult();

    public string StoreDirectory => _directory["store"];

    /// <summary>The store path whose closure has all five store paths.</summary>
    public string Top { get; private set; } = "";

    public string this[string name] => _directory[name];

    /// <summary>Runs a Nix command with the store's own settings, and <paramref name="state"/> for its database.</summary>
    public async Task<ToolResult> RunAsync(string commandLine, string state = "state") => await Tool.RunAsync(
        "bash", ["-euo", "pipefail", "-c", commandLine], directory: _directory.Path, environment: new Dictionary<string, string?>
        {
            ["NIX_STORE_DIR"] = StoreDirectory,
            ["NIX_STATE_DIR"] = _directory[state],
            ["NIX_LOG_DIR"] = _directory["log"],
            ["NIX_CONF_DIR"] = _directory["conf"],
            ["NIX_REMOTE"] = "local",
            ["HOME"] = _directory.Path,
            ["XDG_CACHE_HOME"] = _directory["cache"],
        });

    /// <summary>Returns the output of a Nix command that must succeed.</summary>
    public async Task<string> OutputAsync(string commandLine, string state = "state") =>
        (await RunAsync(commandLine, state)).Succeeded().StandardOutput;

    public void Dispose() => _directory.Dispose();

    private async Task Build()
    {
        const string settings = "build-users-group =\nsandbox = false\nsubstitute = false\nexperimental-features = nix-command\n";
        Directory.CreateDirectory(_directory["conf"]);
        await File.WriteAllTextAsync(_directory["conf/nix.conf"], settings);
        await File.WriteAllTextAsync(_directory["closure.nix"],
            """
            let
              busybox = builtins.path { path = ./tools; name = "busybox"; };
              make = name: script: builtins.derivation {
                inherit name;
                system = builtins.currentSystem;
                builder = "${busybox}/bin/busybox";
                args = [ "sh" "-ec" ("b=${busybox}/bin/busybox; " + script) ];
              };
              leaf = make "leaf" ''
                $b mkdir -p $out/bin $out/empty; echo leaf > $out/bin/leaf; $b chmod +x $out/bin/leaf; $b ln -s nowhere $out/dangling; : > $out/zero
              '';
              middle = make "middle" ''
                $b mkdir $out; $b ln -s ${leaf}/bin/leaf $out/l; echo $out > $out/self; echo 'a b' > "$out/odd name"; $b ln $out/self $out/hard
                $b mkdir $out/a $out/a-b $out/a.b; echo x > $out/a/x; echo 1234567 > $out/a-b/seven; echo 12345678 > $out/a.b/eight
              '';
              link = make "link" "$b ln -s ${middle}/l $out";
              top = make "top" ''
                $b mkdir -p $out/share; { $b head -c 3000000 /dev/zero; echo ${link}; } > $out/share/big
                { echo '#!${busybox}/bin/busybox sh'; echo ${middle}; } > $out/run; $b chmod +x $out/run
              '';
              graph = builtins.derivation {
                name = "graph";
                system = builtins.currentSystem;
                builder = "${busybox}/bin/busybox";
                args = [ "sh" "-ec" "${busybox}/bin/busybox cp graph $out" ];
                exportReferencesGraph = [ "graph" top ];
              };
            in { inherit top graph; }
            """);
        await OutputAsync("mkdir -p tools/bin && cp /bin/busybox tools/bin/");
        Top = (await OutputAsync("nix-build --no-out-link closure.nix -A top")).Trim();
        await OutputAsync("cp $(nix-build --no-out-link closure.nix -A graph) graph");
        await OutputAsync($"nix-store -qR {Top} > plain; nix-store --dump-db $(cat plain) > registration; nix path-info --json -r {Top} > array");
        // Nix 2.19 and later write an object instead of the array.
        await OutputAsync("jq 'map({key: .path, value: del(.path)}) | from_entries' array > object");
    }
}
