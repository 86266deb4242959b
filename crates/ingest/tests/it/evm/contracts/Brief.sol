// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.0;

/// Ends as soon as it is told to; where the heir is itself, what it had is destroyed if it was made just now.
contract Brief {
    constructor() payable {}

    receive() external payable {}

    function end(address payable heir) external {
        selfdestruct(heir);
    }

    function endForItself() external {
        selfdestruct(payable(address(this)));
    }
}

/// Makes short-lived contracts and has them end in the same transaction.
contract BriefMaker {
    function inherit(address payable heir) external payable {
        new Brief{value: msg.value}().end(heir);
    }

    function destroy() external payable {
        new Brief{value: msg.value}().endForItself();
    }

    function keep() external payable returns (address) {
        return address(new Brief{value: msg.value}());
    }
}
