using System.CommandLine;
using OverlayImg.Builders.LayerDirectories;
using OverlayImg.Cli.Exits;
using OverlayImg.Cli.Options;
using OverlayImg.Cli.Reporting;
using OverlayImg.Images.Sessions;

namespace OverlayImg.Cli.Verbs;

/// <summary>
/// Runs the work of a verb in a session of its own, and prints the result for people or as JSON. <see cref="Invocation"/> handles failures.
/// </summary>
internal static class VerbRunner
{
    /// <summary>Makes <paramref name="work"/>, followed by the output of its result, the command's action.</summary>
    /// <param name="command">The verb.</param>
    /// <param name="render">Prints the result.</param>
    /// <param name="work">The work of the verb. Everything that its session owns is closed before the result is printed.</param>
    /// <param name="onlyReads">Whether the verb only reads images, so that it works without a usable cache.</param>
    public static void Attach<T>(Command command, Rendering<T> render, Func<ParseResult, Session, Task<T>> work, bool onlyReads = false) =>
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var invocation = Invocation.Current;
            T result;
            using (var lifetime = new Lifetime())
            {
                var session = new Session(
                    lifetime, () => onlyReads ? CommonOptions.ReadersCacheOf(parsed, lifetime) : CommonOptions.CacheOf(parsed),
                    invocation.Reporter, cancellationToken);
                result = await work(parsed, session);
            }

            invocation.Reporter.Finish();
            var failure = (result as IJudgedResult)?.Failure;
            if (invocation.PrintsJson)
            {
                JsonOutput.Print(writer =>
                {
                    if (failure is not null) ErrorJson.WriteError(writer, failure);
                    render.Json(writer, result, invocation.Reporter.Warnings);
                });
            }
            else
            {
                await render.Text(result, invocation.Reporter);
                if (result is IScriptedResult { Run: { } run }) SlowScriptAdvice.Show(run, CommonOptions.CacheOf(parsed), invocation.Reporter);
            }

            if (failure is null) return render.ExitCode(result);
            invocation.Reporter.Error(failure);
            return failure.ExitCode;
        });
}
