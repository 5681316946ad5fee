using System.CommandLine;
using OverlayImg.Cli.Completion;
using OverlayImg.Cli.Exits;
using OverlayImg.Cli.Options;
using OverlayImg.Cli.Reporting;

namespace OverlayImg.Cli.Verbs;

/// <summary><c>overlayimg completion</c>: prints the script that completes command lines in a shell.</summary>
internal static class CompletionVerb
{
    public static Command Create()
    {
        var shell = new Argument<string>("SHELL") { Description = "The shell: bash, zsh or fish." };
        shell.AcceptOnly("completion for the shell", [.. CompletionScript.Shells]);
        var command = new Verb("completion",
            "Prints a script for bash, zsh or fish that completes verbs, options, values, files, names in archives and names in the cache. " +
            "The shell's start-up file reads the script.")
        {
            Summary = "Prints the completion script for bash, zsh or fish.",
            Examples = """
              echo 'source <(overlayimg completion bash)' >> ~/.bashrc
              echo 'source <(overlayimg completion zsh)' >> ~/.zshrc
              overlayimg completion fish > ~/.config/fish/completions/overlayimg.fish
            """,
        };
        command.Add(shell);
        VerbRunner.Attach(command,
            new Rendering<string>((writer, script, warnings) =>
            {
                writer.WriteString("script", script);
                writer.WriteTexts("warnings", warnings);
            }, (script, _) => Listing.PrintAsync(script)),
            (parsed, _) => Task.FromResult(CompletionScript.For(parsed.GetValue(shell)!)), onlyReads: true);
        return command;
    }

    /// <summary>
    /// Creates the hidden verb that answers the scripts. The first line is <c>paths</c> if all candidates are paths of the host, and otherwise
    /// <c>words</c>. Each further line is a candidate, for zsh and fish with a tab and a description. The verb changes no file.
    /// </summary>
    public static Command CreateAnswer()
    {
        var words = new Argument<string[]>("WORD") { Arity = ArgumentArity.ZeroOrMore };
        var command = new Command("__complete", "Prints the candidates for a word, for the scripts of completion.") { Hidden = true };
        command.Add(words);
        command.SetAction((parsed, _) => AnswerAsync(parsed.RootCommandResult.Command, parsed.GetValue(words)!));
        return command;
    }

    private static async Task<int> AnswerAsync(Command root, string[] words)
    {
        if (words is not [var shell, .. var rest] || rest.Length == 0) return ExitCodes.Usage;
        var answer = shell == "bash" ? ForBash(root, rest) : Complete(root, rest);
        await Listing.PrintAsync(string.Join('\n', answer) + "\n");
        return ExitCodes.Done;
    }

    // The arguments are the line up to the cursor, and the characters at which bash ends a word.
    private static IEnumerable<string> ForBash(Command root, string[] arguments)
    {
        var line = BashLine.Parse(arguments[0], arguments.ElementAtOrDefault(1) ?? "");
        var candidates = CommandCompletion.Complete(root, line.Words.Skip(1).SkipLast(1), line.Words[^1]);
        return candidates.Select(candidate => candidate.Text[line.Kept.Length..]).Prepend(KindOf(candidates));
    }

    private static IEnumerable<string> Complete(Command root, string[] words)
    {
        var candidates = CommandCompletion.Complete(root, words.SkipLast(1), words[^1]);
        return candidates.Select(candidate => $"{candidate.Text}\t{candidate.Description}").Prepend(KindOf(candidates));
    }

    private static string KindOf(IReadOnlyList<Candidate> candidates) =>
        candidates.Count > 0 && candidates.All(candidate => candidate.IsPath) ? "paths" : "words";
}
