using OverlayImg.FileSystems;
using OverlayImg.Images.Sessions;

namespace OverlayImg.Layers.Guests;

/// <summary>The environment variables of a base image's config that the steps of a run see, as RUN in a Dockerfile does.</summary>
internal static class ImageVariables
{
    /// <summary>Returns the variables by name; the last value of a repeated name wins.</summary>
    /// <param name="environment">The variables of the config, each <c>NAME=VALUE</c>.</param>
    /// <param name="session">Receives a warning for a variable that the guest can't give to a script.</param>
    public static Dictionary<ByteString, ReadOnlyMemory<byte>> Of(IReadOnlyList<string> environment, Session session)
    {
        var variables = new Dictionary<ByteString, ReadOnlyMemory<byte>>();
        foreach (var variable in environment)
        {
            var equals = variable.IndexOf('=', StringComparison.Ordinal);
            var (name, value) = equals < 0 ? (variable, "") : (variable[..equals], variable[(equals + 1)..]);
            if (EnvironmentVariable.IsPassableName(name) && !value.Contains('\0', StringComparison.Ordinal))
                variables[ByteString.FromText(name)] = ByteString.FromText(value).Memory;
            else
                session.Warn($"The scripts do not see the base image's variable '{DisplayName.Of(ByteString.FromText(name).Span)}': " +
                    "a name has at most 255 bytes and no slash, and neither name nor value has a NUL.");
        }

        return variables;
    }
}
