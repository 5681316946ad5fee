using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace OverlayImg.Cli.Verbs;

/// <summary>Adds examples to the end of the help of the tool and of each verb.</summary>
internal static class Help
{
    private const string Examples = """
          overlayimg doctor
          overlayimg root-layer --from base.tar --run-as-root setup.sh -o layer
        """;

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
            var output = parseResult.InvocationConfiguration.Output;
            output.WriteLine("Examples:");
            output.WriteLine(parseResult.CommandResult.Command is Verb verb ? verb.Examples : Examples);
            return status;
        }
    }
}
