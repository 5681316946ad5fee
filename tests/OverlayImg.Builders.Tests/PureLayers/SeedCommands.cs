using System.Globalization;
using OverlayImg.Testing;

namespace OverlayImg.Builders.Tests.PureLayers;

/// <summary>dockerTools' own commands for a pure layer, run by bash.</summary>
internal static class SeedCommands
{
    // The commands of nixpkgs' mkPureLayer with other file paths.
    private const string Script = """
        umask 022; mkdir layer
        for item in $ITEMS; do rsync -a$LINKS --chown=0:0 $item/ layer/; done
        chmod ug+w layer
        if [[ -n "$COMMANDS" ]]; then (cd layer; eval "$COMMANDS"); fi
        mkdir $OUT
        tarhash=$(tar -C layer --hard-dereference --sort=name --mtime="@$SOURCE_DATE_EPOCH" --owner=$OWNER --group=$GROUP -cf - . |
          tee $OUT/layer.tar | $TARSUM /dev/stdin)
        cat base.json | jshon -s "$tarhash" -i checksum > $OUT/json
        echo -n "1.0" > $OUT/VERSION
        """;

    /// <summary>Makes the layer directory <paramref name="output"/> of <paramref name="items"/> and <c>base.json</c> in the directory.</summary>
    public static async Task RunAsync(SeedTree tree, string[] items, TemporaryDirectory directory, string output, string tarSum)
    {
        var environment = new Dictionary<string, string?>
        {
            ["ITEMS"] = string.Join(' ', items),
            ["LINKS"] = tree.KeepLinks ? "K" : "k",
            ["COMMANDS"] = tree.ExtraCommands ?? "",
            ["OUT"] = output,
            ["OWNER"] = tree.Uid.ToString(CultureInfo.InvariantCulture),
            ["GROUP"] = tree.Gid.ToString(CultureInfo.InvariantCulture),
            ["SOURCE_DATE_EPOCH"] = tree.Time.ToString(CultureInfo.InvariantCulture),
            ["TARSUM"] = tarSum,
            ["TZ"] = "UTC",
            ["LC_ALL"] = "C",
        };
        (await Tool.RunAsync("bash", ["-euo", "pipefail", "-c", Script], directory: directory.Path, environment: environment)).Succeeded();
    }
}
