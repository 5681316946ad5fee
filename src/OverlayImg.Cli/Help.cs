using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace OverlayImg.Cli;

/// <summary>Adds an example to each verb's help.</summary>
internal static class Help
{
    private static readonly Dictionary<string, string> Examples = new()
    {
        ["overlayimg"] = """
              overlayimg doctor
              overlayimg root-layer --from base.tar --run-as-root setup.sh -o layer
            """,
        ["root-layer"] = """
              overlayimg root-layer --from base.tar --run-as-root setup.sh -o layer
              echo 'useradd web' | overlayimg root-layer --from base.tar --shadow-setup --run-as-root - -o layer
              overlayimg root-layer --contents ./rootfs --run-as-root setup.sh --env MODE=ci --timeout 10m --json -o layer
            """,
        ["run"] = """
              overlayimg run --from base.tar --post-mount list.sh --out listing.tar -o layer
              (list.sh: find mnt -xdev > out/files)
            """,
        ["tarsum"] = """
              overlayimg tarsum layer/layer.tar
              tar -c . | overlayimg tarsum
            """,
        ["doctor"] = """
              overlayimg doctor
              overlayimg doctor --json
            """,
    };

    public static void AddExamples(RootCommand root)
    {
        var option = root.Options.OfType<HelpOption>().Single();
        option.Action = new HelpWithExamples((HelpAction)option.Action!);
    }

    private sealed class HelpWithExamples(HelpAction help) : SynchronousCommandLineAction
    {
        public override bool ClearsParseErrors => true;

        public override int Invoke(ParseResult parseResult)
        {
            var status = help.Invoke(parseResult);
            var command = parseResult.CommandResult.Command;
            if (Examples.TryGetValue(command is RootCommand ? "overlayimg" : command.Name, out var examples))
            {
                parseResult.InvocationConfiguration.Output.WriteLine("Examples:");
                parseResult.InvocationConfiguration.Output.WriteLine(examples);
            }

            return status;
        }
    }
}
